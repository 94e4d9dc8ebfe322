import type { Json } from '../base/json.ts';
import type { Hash } from './ids.ts';

/** How the plain bytes of an artifact become a value again. Typed arrays keep their own name. */
export type Encoding =
  | 'cbor'
  | 'text'
  | 'Buffer'
  | 'ArrayBuffer'
  | TypedArrayName
  | 'file'
  | 'directory';

export type TypedArrayName =
  | 'Int8Array'
  | 'Uint8Array'
  | 'Uint8ClampedArray'
  | 'Int16Array'
  | 'Uint16Array'
  | 'Int32Array'
  | 'Uint32Array'
  | 'Float32Array'
  | 'Float64Array'
  | 'BigInt64Array'
  | 'BigUint64Array'
  | 'DataView';

/** A value by its content. Two refs name the same value iff hash and encoding are equal. */
export interface ArtifactRef {
  /** sha256 of the plain encoded bytes. */
  readonly hash: Hash;
  /** Bytes. */
  readonly size: number;
  readonly encoding: Encoding;
  /** The bytes themselves, base64, when they are few; then there is no blob. */
  readonly inline?: string;
  /** What a file artifact knows beside its bytes: name, mode. */
  readonly meta?: { readonly [key: string]: Json };
}

/** Visible artifacts by name. Null prototype where it is built from outside keys. */
export type ArtifactTable = { readonly [name: string]: ArtifactRef };

/** What a task changed: a new ref, or `null` for a deleted field (a tombstone). */
export type ArtifactChanges = { readonly [name: string]: ArtifactRef | null };

export function sameArtifact(a: ArtifactRef, b: ArtifactRef): boolean {
  return a.hash === b.hash && a.encoding === b.encoding;
}

export function sameChanges(a: ArtifactChanges, b: ArtifactChanges): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [one, other] = [a[name], Object.hasOwn(b, name) ? b[name] : undefined];
      if (!one || !other) return one === other;
      return sameArtifact(one, other);
    })
  );
}

/** Values whose encoded bytes are at most this many travel inside events; larger ones are blobs. */
export const INLINE_LIMIT_BYTES = 2_048;
