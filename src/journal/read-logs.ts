import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isPosition } from '../model/ids.ts';
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

export interface LogTailLine {
  readonly stream: LogStream;
  readonly atMs: number;
  /** Without its line end. */
  readonly text: string;
}

const STREAMS: readonly LogStream[] = ['stdout', 'stderr'];
const NEWLINE = 10;
const RETURN = 13;
const PAGE_RECORDS = 4_096;
const TAIL_BYTES = 1 << 20;
const LOG_FILE = /^(.+)\.([1-9]\d*)\.idx$/;

/** The attempts of a run that printed something, by step, position and attempt as text orders them. */
export async function listLogFiles(dir: string): Promise<LogFilesOf[]> {
  const found: LogFilesOf[] = [];
  for (const step of await readFolder(join(dir, 'logs'))) {
    for (const file of await readFolder(join(dir, 'logs', step))) {
      const match = LOG_FILE.exec(file);
      if (match === null) continue;
      const [, position = '', attempt] = match;
      if (isPosition(position)) found.push({ dir, step, position, attempt: Number(attempt) });
    }
  }
  return found;
}

/** When the attempt printed first; undefined: nothing that is indexed. */
export async function firstLogAtMs(of: LogFilesOf): Promise<number | undefined> {
  const files = await openLogs(of);
  try {
    return (await files.index(0, 1))[0]?.atMs;
  } finally {
    await files.close();
  }
}

/** Everything that an attempt printed, both streams in the order in which they were written. */
export async function* readLogFiles(of: LogFilesOf): AsyncGenerator<LogChunk> {
  const files = await openLogs(of);
  try {
    const last = new Map<LogStream, IndexedChunk>();
    let atMs = 0;
    let chunks = await files.index(0, PAGE_RECORDS);
    for (let read = 0; chunks.length > 0; chunks = await files.index(read, PAGE_RECORDS)) {
      for (const chunk of chunks) {
        yield await files.read(chunk);
        last.set(chunk.stream, chunk);
        atMs = chunk.atMs;
      }
      read += chunks.length;
    }
    yield* files.beyond(last, atMs);
  } finally {
    await files.close();
  }
}

/** The last lines of an attempt, read from the end; of very long ones the last megabyte. */
export async function tailLogFiles(of: LogFilesOf, lines: number): Promise<LogTailLine[]> {
  const files = await openLogs(of);
  try {
    const chunks: LogChunk[] = [];
    let newlines = 0;
    let bytes = 0;
    let records = await files.count();
    while (records > 0 && newlines <= lines && bytes < TAIL_BYTES) {
      records -= 1;
      const [indexed] = await files.index(records, 1);
      if (indexed === undefined) break;
      const chunk = await files.read(lastBytes(indexed, TAIL_BYTES));
      chunks.unshift(chunk);
      newlines += countNewlines(chunk.bytes);
      bytes += chunk.bytes.length;
    }
    return linesOf(chunks).slice(-lines);
  } finally {
    await files.close();
  }
}

/** Splits chunks into lines; a line has the time of its last piece. */
export function linesOf(chunks: Iterable<LogChunk>): LogTailLine[] {
  const lines: LogTailLine[] = [];
  const partial = new Map<LogStream, LogChunk>();
  for (const { stream, atMs, bytes } of chunks) {
    const before = partial.get(stream)?.bytes;
    const all = before === undefined ? bytes : Buffer.concat([before, bytes]);
    let at = 0;
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, at)) {
      lines.push({ stream, atMs, text: textOf(all.subarray(at, end)) });
      at = end + 1;
    }
    if (at < all.length) partial.set(stream, { stream, atMs, bytes: all.subarray(at) });
    else partial.delete(stream);
  }
  for (const { stream, atMs, bytes } of partial.values()) {
    lines.push({ stream, atMs, text: textOf(bytes) });
  }
  return lines;
}

function textOf(line: Buffer): string {
  return line.toString('utf8', 0, line.at(-1) === RETURN ? line.length - 1 : line.length);
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

function lastBytes(chunk: IndexedChunk, limit: number): IndexedChunk {
  if (chunk.length <= limit) return chunk;
  return { ...chunk, offset: chunk.offset + chunk.length - limit, length: limit };
}

/** The files of one attempt, as far as they exist: a stream without a byte has none. */
class OpenLogs {
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

async function openLogs(of: LogFilesOf): Promise<OpenLogs> {
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

async function readFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).toSorted();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
