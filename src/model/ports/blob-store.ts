import type { Readable } from 'node:stream';
import type { Hash } from '../ids.ts';

/**
 * Bytes under their sha256. Every read verifies; what does not match its name is a FlowError with
 * code `STORE_BLOB_CORRUPT`, what is not there one with `STORE_BLOB_MISSING`.
 */
export interface BlobStore {
  /** Writes the bytes unless they are there (then refreshes their age). Durable as far as a rename is. */
  put(bytes: Uint8Array): Promise<BlobInfo>;
  /** The same for bytes that come in pieces; memory stays bounded. */
  putStream(chunks: Chunks): Promise<BlobInfo>;
  has(hash: Hash): Promise<boolean>;
  get(hash: Hash): Promise<Uint8Array>;
  /** For lazy artifacts, which load inside a property read. */
  getSync(hash: Hash): Uint8Array;
  /** The bytes as a stream; a mismatch is an error at its end. */
  stream(hash: Hash): Readable;
  /** Resolves when these blobs would survive a power cut. */
  sync(hashes: readonly Hash[]): Promise<void>;
}

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface BlobInfo {
  readonly hash: Hash;
  /** Plain bytes. */
  readonly size: number;
}
