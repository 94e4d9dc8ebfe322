import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isPosition } from '../model/ids.ts';
import type { LogStream } from '../model/ports/executor.ts';
import { errnoOf } from './errno.ts';
import { LogCursor } from './log-cursor.ts';
import type { LogFilesOf } from './log-files.ts';
import type { IndexedChunk } from './log-index.ts';
import { type LogChunk, OpenLogs } from './open-logs.ts';

export interface LogTailLine {
  readonly stream: LogStream;
  readonly atMs: number;
  /** Without its line end. */
  readonly text: string;
}

const NEWLINE = 10;
const RETURN = 13;
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
export function firstLogAtMs(of: LogFilesOf): Promise<number | undefined> {
  return new LogCursor(of).nextAtMs();
}

/** Everything that an attempt printed, both streams in the order in which they were written. */
export function readLogFiles(of: LogFilesOf): AsyncGenerator<LogChunk> {
  return new LogCursor(of).read({ isOver: true });
}

/** The last lines of an attempt, read from the end; of very long ones the last megabyte. */
export async function tailLogFiles(of: LogFilesOf, lines: number): Promise<LogTailLine[]> {
  const files = new OpenLogs(of);
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

async function readFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).toSorted();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
