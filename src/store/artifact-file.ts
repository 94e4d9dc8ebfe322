import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { FlowError, isFlowError } from '../model/errors.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import { currentBlobs } from './current-blobs.ts';
import { DirectoryArtifact } from './files/directory-artifact.ts';
import { FileArtifact } from './files/file-artifact.ts';
import { readDirectory } from './files/read-directory.ts';
import { hiddenValues } from './hidden-values.ts';
import { errnoOf } from './store-errors.ts';

/** How a file is kept. */
export interface FileOptions {
  /** What the file is called from now on. Default: the last part of its path. */
  readonly name?: string;
}

/**
 * Files and directories as artifacts: their bytes go straight into the store, in pieces, whatever
 * their size, and the field holds a handle.
 *
 * @example
 * ```ts
 * @step async train() {
 *   await trainModel('model.bin');
 *   this.model = await artifact.file('model.bin');
 *   this.next(this.use);
 * }
 * @step async use() {
 *   await this.model.copyTo('here.bin');
 * }
 * ```
 */
export const artifact = {
  /**
   * Keeps the file as it is now; later changes to it are not seen.
   *
   * @param path - Relative to the working directory.
   * @throws FlowError `ARTIFACT_FILE_MISSING` if it is no readable file, `ARTIFACT_OUTSIDE_TASK` outside a
   * step, `STORE_NOT_WRITABLE`.
   */
  async file(path: string, options: FileOptions = {}): Promise<FileArtifact> {
    const blobs = blobsForFiles();
    const { mode, isFile } = await lookAt(path);
    if (!isFile) throw unreadable(path, 'it is no file');
    const { hash, size } = await blobs.putStream(chunksOf(path));
    return new FileArtifact({ hash, size, mode, name: options.name ?? basename(path) }, blobs);
  },

  /**
   * Keeps all files below the directory with their modes, and empty directories. Symbolic links and
   * special files are refused.
   *
   * @param path - Relative to the working directory.
   * @throws FlowError `ARTIFACT_FILE_MISSING` if it is no readable directory or holds what cannot be kept,
   * `ARTIFACT_OUTSIDE_TASK` outside a step, `STORE_NOT_WRITABLE`.
   */
  async directory(path: string): Promise<DirectoryArtifact> {
    const blobs = blobsForFiles();
    const { isDirectory } = await lookAt(path);
    if (!isDirectory) throw unreadable(path, 'it is no directory');
    const keep = async (file: string) => await blobs.putStream(chunksOf(file));
    const entries = await readDirectory(path, keep).catch((error: unknown) => {
      throw isFlowError(error) ? error : unreadable(path, errnoOf(error) ?? String(error));
    });
    return await DirectoryArtifact.create(entries, blobs);
  },
};

function blobsForFiles(): BlobStore {
  const blobs = currentBlobs();
  if (blobs !== undefined) return blobs;
  throw new FlowError('artifact.file() and artifact.directory() work only while a step runs.', {
    code: 'ARTIFACT_OUTSIDE_TASK',
    hint: 'call them inside a step, not at module level or in a constructor',
  });
}

interface Look {
  readonly mode: number;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
}

async function lookAt(path: string): Promise<Look> {
  try {
    const found = await stat(path);
    return {
      mode: found.mode & 0o777,
      isFile: found.isFile(),
      isDirectory: found.isDirectory(),
    };
  } catch (error) {
    throw unreadable(path, errnoOf(error) ?? String(error));
  }
}

const CHUNK_BYTES = 1024 * 1024;

function chunksOf(path: string): AsyncIterable<Uint8Array> {
  const chunks = readChunks(path);
  return hiddenValues()?.refuseStream(chunks, `the file ${path}`) ?? chunks;
}

async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    const chunks: AsyncIterable<Uint8Array> = createReadStream(path, {
      highWaterMark: CHUNK_BYTES,
    });
    yield* chunks;
  } catch (error) {
    throw unreadable(path, errnoOf(error) ?? String(error));
  }
}

function unreadable(path: string, reason: string): FlowError {
  return new FlowError(`${path} cannot be kept as an artifact: ${reason}.`, {
    code: 'ARTIFACT_FILE_MISSING',
    hint: 'name a readable file or directory, relative to the working directory of the task',
    details: { path, reason },
  });
}
