import { type ArtifactRef, type Encoding, INLINE_LIMIT_BYTES } from '../model/artifact.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import { hashBytes } from './hash.ts';
import { blobCorrupt } from './store-errors.ts';
import { isBrokenText } from './values/text.ts';
import { byteKindOf, bytesOf, fromBytes } from './values/typed-arrays.ts';
import { decodeValue, encodeValue } from './values/value.ts';

export interface EncodeArtifactOptions {
  /** How messages call the value: `this.model`. */
  readonly root?: string;
  /** What the field held before: if the value still is that, nothing is written. */
  readonly before?: ArtifactRef;
}

/**
 * Keeps a value: its bytes go into the store, or into the ref where they are few. Top-level strings,
 * Buffers and typed arrays are kept raw, without a copy; everything else is CBOR. Throws FlowError
 * `ARTIFACT_NOT_KEEPABLE`, `STORE_NOT_WRITABLE`.
 */
export async function encodeArtifact(
  value: unknown,
  blobs: BlobStore,
  options: EncodeArtifactOptions = {},
): Promise<ArtifactRef> {
  const { bytes, encoding } = plainBytes(value, options.root);
  const size = bytes.byteLength;
  if (size <= INLINE_LIMIT_BYTES) {
    const inline = asBuffer(bytes).toString('base64');
    return { hash: hashBytes(bytes), size, encoding, inline };
  }
  const { before } = options;
  if (before?.size === size && before.encoding === encoding && hashBytes(bytes) === before.hash) {
    return before;
  }
  const { hash } = await blobs.put(bytes);
  return { hash, size, encoding };
}

/** What `encodeArtifact` would name the value, without keeping it. */
export function hashValue(value: unknown): Pick<ArtifactRef, 'hash' | 'encoding'> {
  const { bytes, encoding } = plainBytes(value);
  return { hash: hashBytes(bytes), encoding };
}

/** The value of a ref, a fresh one each time. Throws FlowError `STORE_BLOB_MISSING`, `STORE_BLOB_CORRUPT`. */
export async function decodeArtifact(ref: ArtifactRef, blobs: BlobStore): Promise<unknown> {
  return decodeBytes(ref, await artifactBytes(ref, blobs));
}

/** The same within a property read. */
export function decodeArtifactSync(ref: ArtifactRef, blobs: BlobStore): unknown {
  return decodeBytes(ref, inlineBytes(ref) ?? blobs.getSync(ref.hash));
}

/** The plain bytes of an artifact, as they are encoded. */
export async function artifactBytes(ref: ArtifactRef, blobs: BlobStore): Promise<Uint8Array> {
  return inlineBytes(ref) ?? (await blobs.get(ref.hash));
}

function inlineBytes(ref: ArtifactRef): Uint8Array | undefined {
  return ref.inline === undefined ? undefined : Buffer.from(ref.inline, 'base64');
}

interface PlainBytes {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
}

function plainBytes(value: unknown, root?: string): PlainBytes {
  if (typeof value === 'string' && !isBrokenText(value)) {
    return { bytes: Buffer.from(value), encoding: 'text' };
  }
  if (typeof value === 'object' && value !== null) {
    const kind = byteKindOf(value);
    const bytes = kind === undefined ? undefined : bytesOf(value);
    if (kind !== undefined && bytes !== undefined) return { bytes, encoding: kind };
  }
  return { bytes: encodeValue(value, root), encoding: 'cbor' };
}

function decodeBytes(ref: ArtifactRef, bytes: Uint8Array): unknown {
  switch (ref.encoding) {
    case 'cbor':
      return decodeValue(bytes);
    case 'text':
      return asBuffer(bytes).toString('utf8');
    case 'file':
    case 'directory':
      throw new Error('later');
    default: {
      const value = fromBytes(ref.encoding, bytes);
      if (value === undefined) throw blobCorrupt(ref.hash, 'the artifact');
      return value;
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
