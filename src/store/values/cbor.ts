import { Encoder, Tag } from 'cbor-x/encode';
import { NOT_PLAIN, readPlain } from './read-plain.ts';

declare module 'cbor-x/encode' {
  interface Encoder {
    /** Exists, but its types do not say so: what is encoded next is written there. */
    useBuffer(buffer: Uint8Array): void;
  }
}

/**
 * The one door to the CBOR library. It gets nothing but what every implementation writes the same
 * way: null, undefined, booleans, numbers, well-formed strings, byte strings, arrays, plain objects and
 * tags. All that JavaScript has beyond that is said with the two tags below (see forms.ts).
 */
const OPTIONS = { useRecords: false, variableMapSize: true, tagUint8Array: false };
let made: Encoder | undefined;

/** Made by the first value: a task without one does not pay for it. */
function codec(): Encoder {
  made ??= new Encoder(OPTIONS);
  return made;
}

/** A value that CBOR has no word for: an array of the form's name and its parts. */
const FORM_TAG = 19_794;
/** Around a whole value that has forms inside; without it nothing needs a second look. */
const RICH_TAG = 19_795;

const SPARE_BYTES = 8 * 1024;
const KEPT_BUFFER_BYTES = 1024 * 1024;

export function writeCbor(value: unknown): Uint8Array {
  const cbor = codec();
  const bytes = cbor.encode(value);
  // The library writes the next value behind this one, in a buffer of the same size.
  if (bytes.byteLength > KEPT_BUFFER_BYTES) cbor.useBuffer(Buffer.allocUnsafeSlow(SPARE_BYTES));
  return bytes;
}

export function readCbor(bytes: Uint8Array): unknown {
  // Where it is loaded anyway, the library is faster.
  const plain = made === undefined ? readPlain(bytes) : NOT_PLAIN;
  if (plain !== NOT_PLAIN) return plain;
  const value: unknown = codec().decode(bytes);
  return value;
}

export function makeForm(parts: readonly unknown[]): unknown {
  return new Tag(parts, FORM_TAG);
}

export function makeRich(value: unknown): unknown {
  return new Tag(value, RICH_TAG);
}

/** The parts of a form, or undefined if this is none. */
export function formParts(value: object): readonly unknown[] | undefined {
  if (!(value instanceof Tag) || value.tag !== FORM_TAG) return undefined;
  const parts: unknown = value.value;
  return Array.isArray(parts) ? parts : undefined;
}

export function richContent(value: unknown): { readonly content: unknown } | undefined {
  if (typeof value !== 'object') return undefined;
  return value instanceof Tag && value.tag === RICH_TAG ? { content: value.value } : undefined;
}
