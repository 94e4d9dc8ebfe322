import type { Readable } from 'node:stream';
import { readableOf } from '../../base/readable-of.ts';
import type { Hash } from '../../model/ids.ts';
import type { BlobInfo, BlobStore, Chunks } from '../../model/ports/blob-store.ts';
import { hashBytes, slicesOf } from '../hash.ts';
import { blobMissing } from '../store-errors.ts';

/** Blobs of one process, gone with it: for inline runs and tests. Keeps copies, hands out copies. */
export function openMemoryBlobStore(): BlobStore {
  return new MemoryBlobStore();
}

class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<Hash, Buffer>();

  async put(bytes: Uint8Array): Promise<BlobInfo> {
    return this.#keep(copyOf(bytes));
  }

  async putStream(chunks: Chunks): Promise<BlobInfo> {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(copyOf(chunk));
    return this.#keep(Buffer.concat(parts));
  }

  async has(hash: Hash): Promise<boolean> {
    return this.#blobs.has(hash);
  }

  async get(hash: Hash): Promise<Uint8Array> {
    return this.getSync(hash);
  }

  getSync(hash: Hash): Uint8Array {
    return copyOf(this.#read(hash));
  }

  stream(hash: Hash): Readable {
    return readableOf(this.#slices(hash));
  }

  async sync(): Promise<void> {
    // Memory survives no power cut; there is nothing to wait for.
  }

  *#slices(hash: Hash): Generator<Uint8Array> {
    const bytes = this.#read(hash);
    if (bytes.byteLength === 0) return;
    for (const slice of slicesOf(bytes)) yield copyOf(slice);
  }

  #keep(bytes: Buffer): BlobInfo {
    const hash = hashBytes(bytes);
    this.#blobs.set(hash, bytes);
    return { hash, size: bytes.byteLength };
  }

  #read(hash: Hash): Buffer {
    const bytes = this.#blobs.get(hash);
    if (bytes === undefined) throw blobMissing(hash, 'blob of that name in memory');
    return bytes;
  }
}

function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
