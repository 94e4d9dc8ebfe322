import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { EXIT, FlowError } from '../model/errors.ts';
import type { FlowEvent } from '../model/events.ts';
import { errnoOf } from './errno.ts';
import { decodeLine, isKnownEvent, isRawEvent, type RawEvent } from './line.ts';

/**
 * Reading a journal. A last line without its newline is torn: the writer was killed in it, nobody
 * acted on it, so it is dropped. Any other damage is an error with its line for those who read, and
 * a finding among others for those who check. Events of a type that this version does not know are
 * passed over: versions only add.
 */
export interface JournalEntry {
  readonly seq: number;
  /** Absent for a type of event that this version does not know. */
  readonly event?: FlowEvent;
  /** Of the line in the file, in bytes; the length counts its newline. */
  readonly offset: number;
  readonly length: number;
}

export interface JournalContent {
  readonly events: readonly FlowEvent[];
  /** Bytes of a torn last line. */
  readonly tornBytes: number;
  /** What a strict reader would have thrown at. */
  readonly problems: readonly Diagnostic[];
}

/** Where a scan begins: the offset of a line and its number and seq. */
export interface JournalPlace {
  readonly offset: number;
  /** The seq of the line before. */
  readonly afterSeq: number;
}

export const START: JournalPlace = { offset: 0, afterSeq: 0 };

const JOURNAL_FILE = 'journal.ndjson';
const CHUNK_BYTES = 1 << 20;
/** Where the last line is looked for at first. */
const EDGE_BYTES = 1 << 13;
const NEWLINE = 10;

export function journalPath(dir: string): string {
  return join(dir, JOURNAL_FILE);
}

/** Every event, or FlowError `JOURNAL_CORRUPT`, `JOURNAL_MISSING`, `JOURNAL_TOO_NEW`. */
export function readJournal(dir: string): JournalContent {
  const events: FlowEvent[] = [];
  const scan = scanJournal(dir);
  for (;;) {
    const step = scan.next();
    if (step.done === true) return { events, tornBytes: step.value, problems: [] };
    if (step.value.event !== undefined) events.push(step.value.event);
  }
}

/** For fsck: all the damage, and every event outside of it. */
export function inspectJournal(dir: string): JournalContent {
  const events: FlowEvent[] = [];
  const problems: Diagnostic[] = [];
  let tornBytes = 0;
  for (const line of readLines(dir, START)) {
    if (line.kind === 'torn') tornBytes = line.length;
    else if (line.kind === 'damaged') problems.push(line.problem);
    else if (line.event !== undefined) events.push(line.event);
  }
  return { events, tornBytes, problems };
}

/** Line by line, in bounded memory; returns the bytes of the torn last line. */
export function* scanJournal(dir: string, from = START): Generator<JournalEntry, number> {
  for (const line of readLines(dir, from)) {
    if (line.kind === 'torn') return line.length;
    if (line.kind === 'damaged') throw corrupt(line.problem);
    yield line;
  }
  return 0;
}

/** The text of every line, whole or not, understood or not. */
export function* journalTexts(dir: string): Generator<string> {
  for (const { bytes } of splitLines(journalPath(dir), 0)) yield bytes.toString('latin1');
}

/** The one event whose line begins there. */
export function readEventAt(dir: string, offset: number): FlowEvent | undefined {
  const file = journalPath(dir);
  for (const { bytes } of splitLines(file, offset, EDGE_BYTES)) {
    const raw = decodeLine(bytes);
    if (isRawEvent(raw)) return upcast(raw, { file, line: raw.seq, offset });
    break;
  }
  return undefined;
}

/**
 * The first event, and the last whole one that is not of an exit hook (those come after a run's end):
 * what a listing of runs needs, without reading between.
 */
export function readEdges(dir: string): { readonly first?: FlowEvent; readonly last?: FlowEvent } {
  const first = readEventAt(dir, 0);
  const last = readLastEvent(dir);
  return { ...(first && { first }), ...(last && { last }) };
}

function readLastEvent(dir: string): FlowEvent | undefined {
  const path = journalPath(dir);
  const { size } = statSync(path);
  for (let window = EDGE_BYTES; ; window *= 8) {
    const offset = Math.max(0, size - window);
    const ended = [...splitLines(path, offset)].filter(({ isEnded }) => isEnded);
    // In a window that begins inside of a line the first one may be a piece.
    const last = lastNotOfHook(ended.slice(offset === 0 ? 0 : 1));
    if (isRawEvent(last)) return upcast(last, { file: path, line: last.seq, offset });
    if (offset === 0 || last !== undefined) return undefined;
  }
}

/** From the end on: most often the last line is decoded, and no other. */
function lastNotOfHook(lines: readonly { readonly bytes: Buffer }[]): unknown {
  for (const { bytes } of lines.toReversed()) {
    const raw = decodeLine(bytes);
    if (!isOfHook(raw)) return raw;
  }
  return undefined;
}

function isOfHook(raw: unknown): boolean {
  return isRawEvent(raw) && raw.type.startsWith('hook.');
}

type Line =
  | ({ readonly kind: 'whole' } & JournalEntry)
  | { readonly kind: 'damaged'; readonly problem: Diagnostic }
  | { readonly kind: 'torn'; readonly length: number };

function* readLines(dir: string, from: JournalPlace): Generator<Line> {
  const path = journalPath(dir);
  let { offset, afterSeq } = from;
  for (const { bytes, isEnded } of splitLines(path, offset)) {
    const place = { file: path, line: afterSeq + 1, offset };
    const line = isEnded ? readLine(bytes, afterSeq, place) : readTail(bytes, place);
    // After a damaged line the count goes on as if it had been whole.
    afterSeq = line.kind === 'whole' ? line.seq : afterSeq + 1;
    offset += bytes.length + 1;
    yield line;
  }
}

interface LinePlace {
  readonly file: string;
  /** One event is one line, so the line's number is the seq that it should have. */
  readonly line: number;
  readonly offset: number;
}

function readLine(bytes: Buffer, afterSeq: number, place: LinePlace): Line {
  const raw = decodeLine(bytes);
  if (!isRawEvent(raw)) return damaged(place, 'the line does not match its checksum');
  if (raw.seq !== afterSeq + 1) {
    return damaged(place, `event ${raw.seq} follows event ${afterSeq}`);
  }
  const whole = { kind: 'whole', seq: raw.seq, offset: place.offset } as const;
  const length = bytes.length + 1;
  const event = upcast(raw, place);
  return event === undefined ? { ...whole, length } : { ...whole, length, event };
}

/** A whole record before a byte that is no newline was not torn: that byte is wrong. */
function readTail(bytes: Buffer, place: LinePlace): Line {
  if (isRawEvent(decodeLine(bytes.subarray(0, -1)))) {
    return damaged(place, 'the line does not end with a newline');
  }
  return { kind: 'torn', length: bytes.length };
}

/** The event in today's words. Older versions are translated here, once there are any. */
function upcast(raw: RawEvent, place: LinePlace): FlowEvent | undefined {
  if (raw.v > 1) {
    throw new FlowError(`${place.file}:${place.line} was written by a newer Millrace.`, {
      code: 'JOURNAL_TOO_NEW',
      hint: 'update the package millrace to read this run',
    });
  }
  return isKnownEvent(raw) ? raw : undefined;
}

function damaged(place: LinePlace, what: string): Line {
  const problem: Diagnostic = {
    code: 'journal-corrupt',
    severity: 'error',
    message: `The journal ${place.file}:${place.line} is damaged: ${what}.`,
    hint: 'the disk or another program changed it: restore the file from a copy, or resume from an earlier run',
    span: { file: place.file, line: place.line, column: 1, length: 1 },
  };
  return { kind: 'damaged', problem };
}

function corrupt(problem: Diagnostic): FlowError {
  return new FlowError(problem.message, {
    code: 'JOURNAL_CORRUPT',
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    exitCode: EXIT.failed,
    diagnostics: [problem],
  });
}

/** The lines of a file from an offset on, without their newlines. */
function* splitLines(
  path: string,
  offset: number,
  chunkBytes = CHUNK_BYTES,
): Generator<{ readonly bytes: Buffer; readonly isEnded: boolean }> {
  // Of a line that goes on: put together once, however long it is.
  let parts: Buffer[] = [];
  for (const chunk of readChunks(path, offset, chunkBytes)) {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      const bytes = chunk.subarray(at, end);
      yield { bytes: parts.length === 0 ? bytes : Buffer.concat([...parts, bytes]), isEnded: true };
      parts = [];
      at = end + 1;
    }
    if (at < chunk.length) parts.push(chunk.subarray(at));
  }
  if (parts.length > 0) yield { bytes: Buffer.concat(parts), isEnded: false };
}

function* readChunks(path: string, offset: number, chunkBytes: number): Generator<Buffer> {
  const fd = openForReading(path);
  try {
    const end = fstatSync(fd).size;
    for (let at = offset; at < end; ) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - at));
      const count = readSync(fd, buffer, 0, buffer.length, at);
      if (count === 0) return;
      yield buffer.subarray(0, count);
      at += count;
    }
  } finally {
    closeSync(fd);
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new FlowError(`The journal ${path} cannot be read: ${errnoOf(error)}.`, {
      code: errnoOf(error) === 'ENOENT' ? 'JOURNAL_MISSING' : 'JOURNAL_NOT_READABLE',
      hint: 'the run was made by something else, or removed: list the runs with `flow runs`',
      exitCode: EXIT.failed,
      cause: error,
    });
  }
}
