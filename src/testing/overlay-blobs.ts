import type { Readable } from 'node:stream';
import { isFlowError } from '../model/errors.ts';
import type { Hash } from '../model/ids.ts';
import type { BlobInfo, BlobStore, Chunks } from '../model/ports/blob-store.ts';
import { openMemoryBlobStore } from '../store/memory/blob-store.ts';

/** Blobs of a folder that is only read; what is written stays in memory. */
export class OverlayBlobs implements BlobStore {
  readonly #below: BlobStore;
  readonly #written = openMemoryBlobStore();

  constructor(below: BlobStore) {
    this.#below = below;
  }

  put(bytes: Uint8Array): Promise<BlobInfo> {
    return this.#written.put(bytes);
  }

  putStream(chunks: Chunks): Promise<BlobInfo> {
    return this.#written.putStream(chunks);
  }

  async has(hash: Hash): Promise<boolean> {
    return (await this.#written.has(hash)) || (await this.#below.has(hash));
  }

  async get(hash: Hash): Promise<Uint8Array> {
    return this.getSync(hash);
  }

  getSync(hash: Hash): Uint8Array {
    return this.#with((blobs) => blobs.getSync(hash));
  }

  stream(hash: Hash): Readable {
    return this.#with((blobs) => {
      // A stream tells only later that it has nothing to read.
      if (blobs === this.#written) blobs.getSync(hash);
      return blobs.stream(hash);
    });
  }

  async sync(): Promise<void> {
    // Nothing that is written here is to last.
  }

  #with<T>(read: (blobs: BlobStore) => T): T {
    try {
      return read(this.#written);
    } catch (error) {
      if (isFlowError(error) && error.code === 'STORE_BLOB_MISSING') return read(this.#below);
      throw error;
    }
  }
}
