import { type FileHandle, open } from 'node:fs/promises';
import type { LogStream } from '../model/ports/executor.ts';
import { errnoOf } from './errno.ts';
import { type LogFilesOf, logFilePath } from './log-files.ts';
import { decodeChunks, type IndexedChunk, RECORD_BYTES } from './log-index.ts';

/** Bytes of one stream, as they came in. */
export interface LogChunk {
  readonly stream: LogStream;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly bytes: Buffer;
}

const STREAMS: readonly LogStream[] = ['stdout', 'stderr'];

/** The files of one attempt, as far as they exist: a stream without a byte has none. */
export class OpenLogs {
  readonly #files: { readonly [S in LogStream | 'index']: FileHandle | undefined };

  constructor(files: { readonly [S in LogStream | 'index']: FileHandle | undefined }) {
    this.#files = files;
  }

  async count(): Promise<number> {
    return Math.floor((await sizeOf(this.#files.index)) / RECORD_BYTES);
  }

  async index(first: number, count: number): Promise<IndexedChunk[]> {
    return decodeChunks(
      await readAt(this.#files.index, first * RECORD_BYTES, count * RECORD_BYTES),
    );
  }

  async read({ stream, offset, length, atMs }: IndexedChunk): Promise<LogChunk> {
    return { stream, atMs, bytes: await readAt(this.#files[stream], offset, length) };
  }

  /** What a killed scheduler had written but not yet entered into the index. */
  async *beyond(
    last: ReadonlyMap<LogStream, IndexedChunk>,
    atMs: number,
  ): AsyncGenerator<LogChunk> {
    for (const stream of STREAMS) {
      const chunk = last.get(stream);
      const offset = chunk === undefined ? 0 : chunk.offset + chunk.length;
      const length = (await sizeOf(this.#files[stream])) - offset;
      if (length > 0) yield await this.read({ stream, offset, length, atMs });
    }
  }

  async close(): Promise<void> {
    for (const file of Object.values(this.#files)) await file?.close();
  }
}

export async function openLogs(of: LogFilesOf): Promise<OpenLogs> {
  // The index first: all that it names is in the files by then.
  const index = await openIfThere(logFilePath(of, 'idx'));
  const stdout = await openIfThere(logFilePath(of, 'out'));
  const stderr = await openIfThere(logFilePath(of, 'err'));
  return new OpenLogs({ index, stdout, stderr });
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function sizeOf(file: FileHandle | undefined): Promise<number> {
  return file === undefined ? 0 : (await file.stat()).size;
}

async function readAt(
  file: FileHandle | undefined,
  offset: number,
  length: number,
): Promise<Buffer> {
  if (file === undefined) return Buffer.alloc(0);
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
