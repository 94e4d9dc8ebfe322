import type { LogFilesOf } from '../journal/log-files.ts';
import type { LogChunk } from '../journal/open-logs.ts';
import { firstLogAtMs, readLogFiles } from '../journal/read-logs.ts';
import type { Position } from '../model/ids.ts';
import type { LogStream } from '../model/ports/executor.ts';
import { listRunLogFiles } from './run-log-files.ts';

/** Whose output is wanted; without any of these all of it is. */
export interface LogFilter {
  readonly step?: string;
  readonly position?: Position;
  /** Default: all of them. */
  readonly attempt?: number;
  readonly stream?: LogStream;
}

type TaskAttempt = Omit<LogFilesOf, 'dir'>;

/** Bytes that an attempt printed; not necessarily a whole line. */
export interface RunLogChunk extends LogChunk {
  readonly step: string;
  readonly position: Position;
  readonly attempt: number;
}

/** What is to be read of one attempt, and when the first of it was written. */
export interface LogSource {
  readonly of: TaskAttempt;
  readonly atMs: number;
  readonly open: () => AsyncGenerator<LogChunk>;
}

interface Source {
  readonly of: TaskAttempt;
  readonly chunks: AsyncGenerator<LogChunk>;
  readonly head: LogChunk;
}

/** What the tasks of a run printed, all in the order of time. */
export async function* readRunLogs(
  dir: string,
  filter: LogFilter = {},
): AsyncGenerator<RunLogChunk> {
  const sources: LogSource[] = [];
  for (const { files, of } of await listRunLogFiles(dir)) {
    if (!isWanted(of, filter)) continue;
    sources.push({ of, atMs: (await firstLogAtMs(files)) ?? 0, open: () => readLogFiles(files) });
  }
  yield* mergeLogs(sources, filter);
}

/** In the order of time. Only the files of attempts that ran at the same time are open together. */
export async function* mergeLogs(
  sources: readonly LogSource[],
  filter: LogFilter,
): AsyncGenerator<RunLogChunk> {
  const open: Source[] = [];
  try {
    for (const { of, atMs, open: start } of sources.toSorted((a, b) => a.atMs - b.atMs)) {
      yield* earlierThan(atMs, open, filter);
      const source = await openSource(of, start());
      if (source !== undefined) open.push(source);
    }
    yield* earlierThan(Number.POSITIVE_INFINITY, open, filter);
  } finally {
    for (const { chunks } of open) await chunks.return(undefined);
  }
}

/** Takes from the open sources, the earliest first, what came before the next one began. */
async function* earlierThan(
  limitMs: number,
  open: Source[],
  { stream }: LogFilter,
): AsyncGenerator<RunLogChunk> {
  for (;;) {
    const at = indexOfEarliest(open);
    const source = open[at];
    if (source === undefined || source.head.atMs >= limitMs) return;
    const { of, head, chunks } = source;
    if (stream === undefined || stream === head.stream) yield { ...chunkOf(of), ...head };
    const rest = await openSource(of, chunks);
    if (rest === undefined) open.splice(at, 1);
    else open[at] = rest;
  }
}

function chunkOf({ step, position, attempt }: TaskAttempt): TaskAttempt {
  return { step, position, attempt };
}

export function isWanted(of: TaskAttempt, { step, position, attempt }: LogFilter): boolean {
  return (
    (step === undefined || step === of.step) &&
    (position === undefined || position === of.position) &&
    (attempt === undefined || attempt === of.attempt)
  );
}

async function openSource(
  of: TaskAttempt,
  chunks: AsyncGenerator<LogChunk>,
): Promise<Source | undefined> {
  const { value, done } = await chunks.next();
  return done === true ? undefined : { of, chunks, head: value };
}

function indexOfEarliest(open: readonly Source[]): number {
  let earliest = 0;
  for (let at = 1; at < open.length; at += 1) {
    if ((open[at]?.head.atMs ?? 0) < (open[earliest]?.head.atMs ?? 0)) earliest = at;
  }
  return earliest;
}
