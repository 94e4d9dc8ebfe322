import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { readableOf } from '../../base/readable-of.ts';
import type { Hash } from '../../model/ids.ts';
import type { BlobInfo, BlobStore, Chunks } from '../../model/ports/blob-store.ts';
import { BLOB_HEADER_BYTES, parseBlobHeader } from '../blob-file.ts';
import { createHasher, hashBytes, SLICE_BYTES, slicesOf } from '../hash.ts';
import {
  asStoreError,
  blobCorrupt,
  blobMissing,
  blobUnreadable,
  errnoOf,
} from '../store-errors.ts';
import { type BlobDraft, startDraft } from './blob-draft.ts';
import { syncBlobs } from './sync-blobs.ts';

/** Below this, hashing first and looking whether the blob is there is cheaper than writing it. */
const HASH_FIRST_LIMIT_BYTES = 1024 * 1024;

/**
 * Blobs as files `<root>/blobs/ab/<sha256>`. A blob appears by a rename, whole, or not at all; it is
 * never changed afterwards, save its modification time, which says when somebody last needed it.
 */
export function openLocalBlobStore(root: string): BlobStore {
  return new LocalBlobStore(root);
}

class LocalBlobStore implements BlobStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(bytes: Uint8Array): Promise<BlobInfo> {
    if (bytes.byteLength > HASH_FIRST_LIMIT_BYTES) return await this.#write(slicesOf(bytes));
    const info = { hash: hashBytes(bytes), size: bytes.byteLength };
    return (await this.#refresh(info)) ? info : await this.#write([bytes]);
  }

  async putStream(chunks: Chunks): Promise<BlobInfo> {
    return await this.#write(chunks);
  }

  async has(hash: Hash): Promise<boolean> {
    try {
      return (await stat(this.#path(hash))).isFile();
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  async get(hash: Hash): Promise<Uint8Array> {
    const path = this.#path(hash);
    const { handle, size } = await openBlob(hash, path);
    try {
      const bytes = Buffer.allocUnsafeSlow(size);
      const hasher = createHasher();
      let read: Uint8Array = bytes.subarray(0, 0);
      for (const slice of slicesOf(bytes)) {
        const reading = fill(handle, slice, slice.byteOffset + BLOB_HEADER_BYTES);
        hasher.update(read);
        if (!(await reading)) throw blobCorrupt(hash, path);
        read = slice;
      }
      hasher.update(read);
      if (hasher.digest() !== hash) throw blobCorrupt(hash, path);
      return bytes;
    } finally {
      await handle.close();
    }
  }

  getSync(hash: Hash): Uint8Array {
    const path = this.#path(hash);
    const file = openForReading(hash, path);
    try {
      const header = Buffer.alloc(BLOB_HEADER_BYTES);
      fillSync(file, header, 0);
      const size = plainSize({ hash, path, header, fileBytes: fstatSync(file).size });
      const bytes = Buffer.allocUnsafeSlow(size);
      const hasher = createHasher();
      for (const slice of slicesOf(bytes)) {
        const isWhole = fillSync(file, slice, slice.byteOffset + BLOB_HEADER_BYTES);
        if (!isWhole) throw blobCorrupt(hash, path);
        hasher.update(slice);
      }
      if (hasher.digest() !== hash) throw blobCorrupt(hash, path);
      return bytes;
    } finally {
      closeSync(file);
    }
  }

  stream(hash: Hash): Readable {
    return readableOf(readSlices(hash, this.#path(hash)));
  }

  sync(hashes: readonly Hash[]): Promise<void> {
    return syncBlobs(this.#root, hashes);
  }

  /** Hashes each chunk while it is being written, so that neither waits for the other. */
  async #write(chunks: Chunks): Promise<BlobInfo> {
    const draft = await startDraft(this.#root);
    try {
      const hasher = createHasher();
      for await (const chunk of chunks) {
        const writing = draft.write(chunk);
        hasher.update(chunk);
        await writing;
      }
      return await this.#publish(draft, { hash: hasher.digest(), size: draft.sizeBytes });
    } catch (error) {
      await draft.discard();
      throw error;
    }
  }

  async #publish(draft: BlobDraft, info: BlobInfo): Promise<BlobInfo> {
    if (await this.#refresh(info)) await draft.discard();
    else await draft.publish(this.#path(info.hash));
    return info;
  }

  /** True if the blob is there in full length: then it counts as needed now. */
  async #refresh(info: BlobInfo): Promise<boolean> {
    const path = this.#path(info.hash);
    try {
      if ((await stat(path)).size !== info.size + BLOB_HEADER_BYTES) return false;
      const now = new Date();
      await utimes(path, now, now);
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw asStoreError(error, path);
    }
  }

  #path(hash: Hash): string {
    return join(this.#root, 'blobs', hash.slice(0, 2), hash);
  }
}

async function* readSlices(hash: Hash, path: string): AsyncGenerator<Uint8Array> {
  const { handle, size } = await openBlob(hash, path);
  try {
    const hasher = createHasher();
    for (let offset = 0; offset < size; ) {
      const slice = Buffer.allocUnsafeSlow(Math.min(SLICE_BYTES, size - offset));
      if (!(await fill(handle, slice, offset + BLOB_HEADER_BYTES))) throw blobCorrupt(hash, path);
      hasher.update(slice);
      offset += slice.byteLength;
      yield slice;
    }
    if (hasher.digest() !== hash) throw blobCorrupt(hash, path);
  } finally {
    await handle.close();
  }
}

interface OpenBlob {
  readonly handle: FileHandle;
  /** Plain bytes. */
  readonly size: number;
}

async function openBlob(hash: Hash, path: string): Promise<OpenBlob> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw isAbsent(error) ? blobMissing(hash, path) : blobUnreadable(hash, path, error);
  });
  try {
    const header = Buffer.alloc(BLOB_HEADER_BYTES);
    await fill(handle, header, 0);
    const fileBytes = (await handle.stat()).size;
    return { handle, size: plainSize({ hash, path, header, fileBytes }) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function openForReading(hash: Hash, path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw isAbsent(error) ? blobMissing(hash, path) : blobUnreadable(hash, path, error);
  }
}

interface BlobFile {
  readonly hash: Hash;
  readonly path: string;
  readonly header: Uint8Array;
  readonly fileBytes: number;
}

/** Checked against the file's length before anything is allocated: a damaged header may say anything. */
function plainSize({ hash, path, header, fileBytes }: BlobFile): number {
  const size = parseBlobHeader(header, path);
  if (size === undefined || size !== fileBytes - BLOB_HEADER_BYTES) throw blobCorrupt(hash, path);
  return size;
}

/** False if the file ends first. */
async function fill(handle: FileHandle, target: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < target.byteLength; ) {
    const length = target.byteLength - done;
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

function fillSync(file: number, target: Uint8Array, position: number): boolean {
  for (let done = 0; done < target.byteLength; ) {
    const length = target.byteLength - done;
    const bytesRead = readSync(file, target, done, length, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}
