import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BLOB_HEADER_BYTES, blobHeader } from '../blob-file.ts';
import { asStoreError, errnoOf } from '../store-errors.ts';

/**
 * A blob that is still being written: a file in `<root>/tmp` that becomes the blob by a rename. The
 * header says how long the blob is, so it is written last, over the room left for it.
 */
export interface BlobDraft {
  readonly sizeBytes: number;
  write(bytes: Uint8Array): Promise<void>;
  publish(path: string): Promise<void>;
  /** Leaves nothing behind. Harmless after `publish`. */
  discard(): Promise<void>;
}

export async function startDraft(root: string): Promise<BlobDraft> {
  const folder = join(root, 'tmp');
  const path = join(folder, `blob-${process.pid}-${randomUUID()}`);
  try {
    return new FileDraft(path, await openInFolder(path));
  } catch (error) {
    throw asStoreError(error, folder);
  }
}

class FileDraft implements BlobDraft {
  readonly #path: string;
  readonly #handle: FileHandle;
  #sizeBytes = 0;
  #open = true;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const position = BLOB_HEADER_BYTES + this.#sizeBytes;
    this.#sizeBytes += bytes.byteLength;
    await this.#writeFully(bytes, position);
  }

  async publish(path: string): Promise<void> {
    await this.#writeFully(blobHeader(this.#sizeBytes), 0);
    await this.#close();
    try {
      await renameIntoFolder(this.#path, path);
    } catch (error) {
      throw asStoreError(error, path);
    }
  }

  async discard(): Promise<void> {
    await this.#close();
    await rm(this.#path, { force: true });
  }

  async #writeFully(bytes: Uint8Array, position: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.byteLength; ) {
        const length = bytes.byteLength - done;
        const { bytesWritten } = await this.#handle.write(bytes, done, length, position + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw asStoreError(error, this.#path);
    }
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close();
  }
}

async function openInFolder(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return await open(path, 'wx', 0o600);
  }
}

async function renameIntoFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(from, to);
  }
}
