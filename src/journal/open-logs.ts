import { type FileHandle, open } from 'node:fs/promises';
import type { LogStream } from '../model/ports/executor.ts';
import { errnoOf } from './errno.ts';
import { type LogFilesOf, type LogSuffix, logFilePath } from './log-files.ts';
import { decodeChunks, type IndexedChunk, RECORD_BYTES } from './log-index.ts';

/** Bytes of one stream, as they came in. */
export interface LogChunk {
  readonly stream: LogStream;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly bytes: Buffer;
}

const STREAMS: readonly LogStream[] = ['stdout', 'stderr'];
const SUFFIX_OF = { stdout: 'out', stderr: 'err' } as const;

/**
 * The files of one attempt, as far as they exist: a stream without a byte has none. Each is opened
 * when it is needed: a stream may begin after its reader did, and what the index names is there.
 */
export class OpenLogs {
  readonly #of: LogFilesOf;
  readonly #files = new Map<LogSuffix, FileHandle>();

  constructor(of: LogFilesOf) {
    this.#of = of;
  }

  async count(): Promise<number> {
    return Math.floor((await sizeOf(await this.#file('idx'))) / RECORD_BYTES);
  }

  async index(first: number, count: number): Promise<IndexedChunk[]> {
    const index = await this.#file('idx');
    return decodeChunks(await readAt(index, first * RECORD_BYTES, count * RECORD_BYTES));
  }

  async read({ stream, offset, length, atMs }: IndexedChunk): Promise<LogChunk> {
    const file = await this.#file(SUFFIX_OF[stream]);
    return { stream, atMs, bytes: await readAt(file, offset, length) };
  }

  /** What a killed scheduler had written but not yet entered into the index. */
  async *beyond(
    last: ReadonlyMap<LogStream, IndexedChunk>,
    atMs: number,
  ): AsyncGenerator<LogChunk> {
    for (const stream of STREAMS) {
      const chunk = last.get(stream);
      const offset = chunk === undefined ? 0 : chunk.offset + chunk.length;
      const length = (await sizeOf(await this.#file(SUFFIX_OF[stream]))) - offset;
      if (length > 0) yield await this.read({ stream, offset, length, atMs });
    }
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
    this.#files.clear();
  }

  async #file(suffix: LogSuffix): Promise<FileHandle | undefined> {
    const file = this.#files.get(suffix) ?? (await openIfThere(logFilePath(this.#of, suffix)));
    if (file !== undefined) this.#files.set(suffix, file);
    return file;
  }
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
