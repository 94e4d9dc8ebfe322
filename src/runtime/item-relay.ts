import type { Awaitable } from '../base/awaitable.ts';
import { sameChanges } from '../model/artifact.ts';
import type { FailedTask } from '../model/events.ts';
import type { AttemptOutcome, RunningAttempt } from '../model/ports/executor.ts';
import type { ItemNotice } from '../model/task.ts';
import { blobsOf } from './blobs-of.ts';
import type { RunParts } from './run-parts.ts';
import type { StreamEvent } from './scheduler/commands.ts';

export interface RelayedTask extends FailedTask {
  readonly parts: RunParts;
  /** Writes the event and lets follow what follows from it. */
  readonly record: (event: StreamEvent) => void;
}

/**
 * Turns what an attempt says of its items into events, in order and before the attempt's outcome. An
 * attempt that says what it may not is ended.
 */
export class ItemRelay {
  readonly #task: RelayedTask;
  #attempt: RunningAttempt | undefined;
  /** Of an attempt that says something of items: until all that it said is recorded. */
  #work: Promise<void> | undefined;
  #opening: Extract<ItemNotice, { readonly type: 'opened' }> | undefined;
  #refused: string | undefined;

  constructor(task: RelayedTask) {
    this.#task = task;
  }

  bind(attempt: RunningAttempt): void {
    this.#attempt = attempt;
  }

  take(notice: ItemNotice): void {
    this.#work = (this.#work ?? Promise.resolve()).then(() => this.#relay(notice));
    // Who waits for the end is told.
    this.#work.catch(() => {});
  }

  /** The outcome, once everything before it is recorded. */
  end(outcome: AttemptOutcome): Awaitable<AttemptOutcome> {
    return this.#work === undefined ? outcome : this.#work.then(() => this.#compare(outcome));
  }

  #compare(outcome: AttemptOutcome): AttemptOutcome {
    if (this.#refused !== undefined) return refuse(outcome, this.#refused);
    if (outcome.kind === 'failed' || this.#opening === undefined) return outcome;
    return sameChanges(this.#opening.changes, outcome.result.changes)
      ? outcome
      : refuse(outcome, 'a foreach that ends with other fields than it was opened with');
  }

  async #relay(notice: ItemNotice): Promise<void> {
    if (this.#refused !== undefined) return;
    const { parts, record } = this.#task;
    const event = this.#eventOf(notice);
    this.#refused = parts.scheduler.checkStream(event);
    if (this.#refused !== undefined) return this.#attempt?.kill();
    if (notice.type === 'opened') this.#opening = notice;
    if (parts.options.durability === 'power') {
      const refs = notice.type === 'opened' ? Object.values(notice.changes) : [notice.page.ref];
      await parts.blobs.sync(blobsOf(refs));
    }
    record(event);
  }

  #eventOf(notice: ItemNotice): StreamEvent {
    const { step, position, attempt } = this.#task;
    const task = { step, position, attempt };
    if (notice.type === 'opened') {
      const { to, changes } = notice;
      return { type: 'foreach.opened', ...task, to, changes };
    }
    const { page, digest } = notice;
    return { type: 'foreach.yielded', ...task, page, digest };
  }
}

function refuse({ usage }: AttemptOutcome, message: string): AttemptOutcome {
  return { kind: 'failed', failed: { failure: { kind: 'protocol', message }, changes: {} }, usage };
}
