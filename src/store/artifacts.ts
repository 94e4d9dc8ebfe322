import type { Awaitable } from '../base/awaitable.ts';
import { type ArtifactRef, type Encoding, INLINE_LIMIT_BYTES } from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import { DirectoryArtifact } from './files/directory-artifact.ts';
import { fileFromRef } from './files/file-artifact.ts';
import { ARTIFACT_HANDLE, isArtifactHandle } from './files/handle.ts';
import { hashBytes } from './hash.ts';
import { hiddenValues } from './hidden-values.ts';
import { isBrokenText } from './values/text.ts';
import { byteKindOf, bytesOf, fromBytes, isByteKind } from './values/typed-arrays.ts';
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
export function encodeArtifact(
  value: unknown,
  blobs: BlobStore,
  options: EncodeArtifactOptions = {},
): Awaitable<ArtifactRef> {
  if (isArtifactHandle(value)) return value[ARTIFACT_HANDLE]();
  const plain = plainBytes(value, options.root);
  hiddenValues()?.refuse(plain.bytes, value, options.root ?? 'the value');
  const { before } = options;
  if (before !== undefined && isSame(plain, before)) return before;
  return keepBytes(plain, blobs);
}

/** Keeps bytes that are encoded already. */
export function keepBytes(plain: PlainBytes, blobs: BlobStore): Awaitable<ArtifactRef> {
  const { bytes, encoding } = plain;
  const size = bytes.byteLength;
  if (size <= INLINE_LIMIT_BYTES) {
    const inline = asBuffer(bytes).toString('base64');
    return { hash: hashBytes(bytes), size, encoding, inline };
  }
  return blobs.put(bytes).then(({ hash }) => ({ hash, size, encoding }));
}

/** What `encodeArtifact` would name the value, without keeping it. */
export function hashValue(value: unknown): Pick<ArtifactRef, 'hash' | 'encoding'> {
  if (isArtifactHandle(value)) return value[ARTIFACT_HANDLE]();
  const { bytes, encoding } = plainBytes(value);
  return { hash: hashBytes(bytes), encoding };
}

/** The value of a ref, a fresh one each time. Throws FlowError `STORE_BLOB_MISSING`, `STORE_BLOB_CORRUPT`. */
export async function decodeArtifact(ref: ArtifactRef, blobs: BlobStore): Promise<unknown> {
  return decodeHandle(ref, blobs) ?? decodeBytes(ref, await artifactBytes(ref, blobs));
}

/** The same within a property read. */
export function decodeArtifactSync(ref: ArtifactRef, blobs: BlobStore): unknown {
  return decodeHandle(ref, blobs) ?? decodeBytes(ref, artifactBytesSync(ref, blobs));
}

/** The plain bytes of an artifact, as they are encoded. */
export async function artifactBytes(ref: ArtifactRef, blobs: BlobStore): Promise<Uint8Array> {
  return inlineBytes(ref) ?? (await blobs.get(ref.hash));
}

export function artifactBytesSync(ref: ArtifactRef, blobs: BlobStore): Uint8Array {
  return inlineBytes(ref) ?? blobs.getSync(ref.hash);
}

/** Files stay in the store until somebody reads them. */
function decodeHandle(ref: ArtifactRef, blobs: BlobStore): object | undefined {
  if (ref.encoding === 'file') return fileFromRef(ref, blobs);
  if (ref.encoding === 'directory') return new DirectoryArtifact(ref, blobs);
  return undefined;
}

function isSame({ bytes, encoding }: PlainBytes, before: ArtifactRef): boolean {
  if (before.size !== bytes.byteLength || before.encoding !== encoding) return false;
  return hashBytes(bytes) === before.hash;
}

function inlineBytes(ref: ArtifactRef): Uint8Array | undefined {
  return ref.inline === undefined ? undefined : Buffer.from(ref.inline, 'base64');
}

export interface PlainBytes {
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
  const { encoding } = ref;
  if (encoding === 'cbor') return decodeValue(bytes);
  if (encoding === 'text') return asBuffer(bytes).toString('utf8');
  const value = isByteKind(encoding) ? fromBytes(encoding, bytes) : undefined;
  if (value === undefined) throw unknownEncoding(encoding);
  return value;
}

function unknownEncoding(encoding: string): FlowError {
  return new FlowError(`The artifact is encoded as ${encoding}, which cannot be read here.`, {
    code: 'STORE_FORMAT_NEWER',
    hint: 'use the newer Millrace that wrote it',
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
