import type { Failure } from '../model/failure.ts';
import type { ItemNotice } from '../model/task.ts';

/** setTimeout's own limit, 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The clock of an attempt with a timeout. It stands still while a task that yields items is held back:
 * that others are slow is not the task's own time.
 */
export class AttemptTimeout {
  readonly #timeoutMs: number | undefined;
  readonly #onElapsed: (failure: Failure) => void;
  #remainingMs: number;
  #startedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Items that were asked for and have not come. */
  #asked = 0;

  constructor(timeoutMs: number | undefined, onElapsed: (failure: Failure) => void) {
    this.#timeoutMs = timeoutMs;
    this.#onElapsed = onElapsed;
    this.#remainingMs = timeoutMs ?? 0;
    this.#start();
  }

  readItems(notice: ItemNotice): void {
    if (notice.type === 'yielded') this.#asked -= notice.page.count;
    if (this.#asked <= 0) this.#pause();
  }

  pull(count: number): void {
    this.#asked += count;
    this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): void {
    if (this.#timeoutMs === undefined || this.#timer !== undefined) return;
    const afterMs = this.#timeoutMs;
    this.#startedAtMs = performance.now();
    const delayMs = Math.min(Math.max(0, this.#remainingMs), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.#onElapsed({ kind: 'timeout', afterMs }), delayMs);
  }

  #pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#remainingMs -= performance.now() - this.#startedAtMs;
  }
}
