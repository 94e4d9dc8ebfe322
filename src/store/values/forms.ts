import { codecOf } from '../codecs/registry.ts';
import { describeError } from './error-form.ts';
import { type Form, form } from './form.ts';
import { byteKindOf, bytesOf } from './typed-arrays.ts';

/** The form of an object that is neither a plain object nor a dense array; undefined if it has none. */
export function describeObject(value: object): Form | undefined {
  const codec = codecOf(value);
  if (codec !== undefined) {
    return form('codec', { raw: [codec.mark], inner: [codec.encode(value)] });
  }
  if (value instanceof Error) return describeError(value);
  return describeBytes(value) ?? describeBuiltIn(value) ?? describeBoxed(value);
}

/** An array with holes: its length, then index and value of what is there. */
export function describeSparse(items: readonly unknown[]): Form {
  const inner: unknown[] = [];
  for (const key of Object.keys(items)) {
    const index = Number(key);
    if (Number.isInteger(index)) inner.push(index, items[index]);
  }
  return form('array', { raw: [items.length], inner, label: (at) => Number(inner[at - 1]) });
}

/** An object that a CBOR map cannot carry: without a prototype, or with keys that need care. */
export function describeEntries(value: object): Form {
  const entries = Object.entries(value);
  const prototype = Object.getPrototypeOf(value) === null ? 'null' : 'Object';
  return form('object', {
    raw: [prototype],
    inner: entries.flat(1),
    label: (at) => entries[at >> 1]?.[0] ?? '',
  });
}

export function describeNumber(value: number): Form {
  return form('number', { raw: [Object.is(value, -0) ? '-0' : String(value)] });
}

export function describeBigInt(value: bigint): Form {
  return form('bigint', { raw: [value.toString(16)] });
}

/** A string with half a surrogate pair is no Unicode text; so its code units travel as bytes. */
export function describeBrokenText(value: string): Form {
  return form('string', { raw: [Buffer.from(value, 'utf16le')] });
}

function describeBytes(value: object): Form | undefined {
  const kind = byteKindOf(value);
  const bytes = kind === undefined ? undefined : bytesOf(value);
  return bytes === undefined ? undefined : form('bytes', { raw: [kind, bytes] });
}

function describeBuiltIn(value: object): Form | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Map.prototype && value instanceof Map) return describeMap(value);
  if (prototype === Set.prototype && value instanceof Set) {
    return form('Set', { inner: [...value], label: (at) => ({ text: `[item ${at}]` }) });
  }
  if (prototype === Date.prototype && value instanceof Date) {
    const milliseconds = value.getTime();
    return form('Date', { raw: [Number.isNaN(milliseconds) ? null : milliseconds] });
  }
  if (prototype === RegExp.prototype && value instanceof RegExp) {
    return form('RegExp', { raw: [value.source, value.flags] });
  }
  if (prototype === URL.prototype && value instanceof URL)
    return form('URL', { raw: [value.href] });
  return undefined;
}

function describeMap(map: ReadonlyMap<unknown, unknown>): Form {
  const inner: unknown[] = [];
  for (const [key, value] of map) inner.push(key, value);
  return form('Map', {
    inner,
    label: (at) => ({
      text: at % 2 === 0 ? `[key ${at >> 1}]` : `.get(${keyText(inner[at - 1])})`,
    }),
  });
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'number' || typeof key === 'bigint' ? String(key) : typeof key;
}

const BOXES: readonly object[] = [
  Number.prototype,
  String.prototype,
  Boolean.prototype,
  BigInt.prototype,
];

function describeBoxed(value: object): Form | undefined {
  if (!BOXES.includes(Object.getPrototypeOf(value))) return undefined;
  return form('boxed', { inner: [value.valueOf()] });
}
