import { type FSWatcher, watch } from 'node:fs';
import { createDeferred, type Deferred } from '../base/deferred.ts';
import type { FlowEvent } from '../model/events.ts';
import { readLiveness } from './liveness.ts';
import { type JournalPlace, START, scanJournal } from './read.ts';

export interface TailOptions {
  /** How often to look although nothing was announced: not every file system tells of changes. Default 500. */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * The events of a run, those to come too. Ends after the run's last event, or once the run is lost
 * (then without one), or on the signal.
 */
export async function* tailJournal(
  dir: string,
  options: TailOptions = {},
): AsyncGenerator<FlowEvent> {
  const changes = new Changes(dir, options);
  try {
    for (let place = START; options.signal?.aborted !== true; await changes.next()) {
      // Asked before reading: what a process wrote before it was gone is read below.
      const { kind } = readLiveness(dir);
      const last = yield* eventsSince(dir, place);
      if (last.isEnd || kind === 'lost' || kind === 'ended') return;
      place = last.place;
    }
  } finally {
    changes.close();
  }
}

function* eventsSince(
  dir: string,
  from: JournalPlace,
): Generator<FlowEvent, { readonly place: JournalPlace; readonly isEnd: boolean }> {
  let place = from;
  for (const { event, seq, offset, length } of scanJournal(dir, from)) {
    place = { offset: offset + length, afterSeq: seq };
    if (event === undefined) continue;
    yield event;
    if (isLast(event)) return { place, isEnd: true };
  }
  return { place, isEnd: false };
}

function isLast({ type }: FlowEvent): boolean {
  return type === 'run.succeeded' || type === 'run.failed' || type === 'run.cancelled';
}

/** Resolves when the folder may have changed since it was last asked. */
class Changes {
  readonly #watcher: FSWatcher | undefined;
  readonly #poll: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  #changed: Deferred<void> = createDeferred<void>();

  constructor(dir: string, { pollMs = 500, signal }: TailOptions) {
    this.#signal = signal;
    this.#watcher = watchIfPossible(dir, this.#wake);
    this.#poll = setInterval(this.#wake, pollMs);
    signal?.addEventListener('abort', this.#wake);
  }

  async next(): Promise<void> {
    await this.#changed.promise;
    this.#changed = createDeferred<void>();
  }

  close(): void {
    this.#watcher?.close();
    clearInterval(this.#poll);
    this.#signal?.removeEventListener('abort', this.#wake);
  }

  readonly #wake = (): void => this.#changed.resolve();
}

/** Without a watch (too many of them, a file system that has none) the poll does. */
function watchIfPossible(dir: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(dir, onChange).on('error', () => {});
  } catch {
    return undefined;
  }
}
