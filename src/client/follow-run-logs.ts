import { setTimeout as delay } from 'node:timers/promises';
import { readLiveness } from '../journal/liveness.ts';
import { LogCursor } from '../journal/log-cursor.ts';
import { type JournalPlace, START, scanJournal } from '../journal/read.ts';
import { isFlowError } from '../model/errors.ts';
import type { FlowEvent, TaskEvent } from '../model/events.ts';
import { taskPath } from '../model/ids.ts';
import { taskEventsOf } from '../model/task-events.ts';
import { ClonedLogs } from './cloned-logs.ts';
import {
  isWanted,
  type LogFilter,
  type LogSource,
  mergeLogs,
  type RunLogChunk,
  readRunLogs,
} from './run-logs.ts';

const LOOK_EVERY_MS = 100;

/**
 * What the tasks of a run print, what is to come too. Ends with the run, or with its scheduler;
 * where the filter names one task, with that task. What was taken over from another run comes when
 * it is taken over.
 */
export async function* followRunLogs(
  dir: string,
  filter: LogFilter = {},
): AsyncGenerator<RunLogChunk> {
  if (isEnded(dir)) return yield* readRunLogs(dir, filter);
  const follower = new LogFollower(filter, dir);
  for (;;) {
    // Asked before reading: what was written before the end is read below.
    const isOver = isEnded(dir);
    follower.readEvents();
    yield* mergeLogs(await follower.takeSources(isOver), filter);
    if (isOver || follower.isDone) return;
    await delay(LOOK_EVERY_MS);
  }
}

function isEnded(dir: string): boolean {
  const { kind } = readLiveness(dir);
  return kind === 'ended' || kind === 'lost';
}

/** Which attempts print at the moment: a fold over the journal as it grows. */
class LogFollower {
  readonly #dir: string;
  readonly #filter: LogFilter;
  readonly #cloned: ClonedLogs;
  readonly #running = new Map<string, LogCursor>();
  /** Not read to their end yet. */
  readonly #ended: LogCursor[] = [];
  #place: JournalPlace = START;
  isDone = false;

  constructor(filter: LogFilter, dir: string) {
    this.#dir = dir;
    this.#filter = filter;
    this.#cloned = new ClonedLogs(dir, filter);
  }

  readEvents(): void {
    try {
      for (const { event, seq, offset, length } of scanJournal(this.#dir, this.#place)) {
        this.#place = { offset: offset + length, afterSeq: seq };
        if (event !== undefined) this.#readAll(taskEventsOf(event));
      }
    } catch (error) {
      // A run that has only just begun has no journal yet.
      if (!isFlowError(error) || error.code !== 'JOURNAL_MISSING') throw error;
    }
  }

  /** What was printed since the last time. */
  async takeSources(isOver: boolean): Promise<readonly LogSource[]> {
    const sources: LogSource[] = [...(await this.#cloned.takeSources())];
    for (const cursor of this.#ended.splice(0)) sources.push(await sourceOf(cursor, true));
    for (const cursor of this.#running.values()) sources.push(await sourceOf(cursor, isOver));
    return sources;
  }

  #readAll(events: readonly TaskEvent[]): void {
    for (const event of events) this.#read(event);
  }

  #read(event: TaskEvent): void {
    if (event.type === 'task.cloned') {
      this.isDone ||= this.#cloned.add(event) && this.#isLast(event);
      return;
    }
    if (!isWanted(event, this.#filter)) return;
    const key = `${taskPath(event)} ${event.attempt}`;
    switch (event.type) {
      case 'task.launched':
        // An attempt that is placed again goes on in the same files.
        if (!this.#running.has(key)) this.#running.set(key, this.#cursor(event));
        return;
      case 'foreach.opened':
      case 'foreach.yielded':
        return;
      case 'task.succeeded':
      case 'task.failed': {
        if (event.type === 'task.failed' && event.then.kind === 'replace') return;
        const cursor = this.#running.get(key);
        if (cursor !== undefined) this.#ended.push(cursor);
        this.#running.delete(key);
      }
    }
    this.isDone ||= this.#isLast(event);
  }

  #cursor({ step, position, attempt }: TaskEvent): LogCursor {
    return new LogCursor({ dir: this.#dir, step, position, attempt });
  }

  /** Of the one task, or the one attempt, that was asked for. */
  #isLast(event: FlowEvent): boolean {
    if (this.#filter.position === undefined) return false;
    if (this.#filter.attempt !== undefined) return true;
    return event.type !== 'task.failed' || event.then.kind !== 'retry';
  }
}

async function sourceOf(cursor: LogCursor, isOver: boolean): Promise<LogSource> {
  const atMs = (await cursor.nextAtMs()) ?? Number.MAX_SAFE_INTEGER;
  return { of: cursor.of, atMs, open: () => cursor.read({ isOver }) };
}
