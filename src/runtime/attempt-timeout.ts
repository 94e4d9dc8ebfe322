import { ActiveTimer } from '../base/active-timer.ts';
import type { Failure } from '../model/failure.ts';
import type { Time } from '../model/ports/clock.ts';
import type { ItemNotice } from '../model/task.ts';

/**
 * The clock of an attempt with a timeout. It stands still while a task that yields items is held back:
 * that others are slow is not the task's own time. Time in which the run was suspended counts neither.
 */
export class AttemptTimeout {
  readonly #timeoutMs: number | undefined;
  readonly #onElapsed: (failure: Failure) => void;
  #remainingMs: number;
  readonly #time: Time | undefined;
  #timer: Pick<ActiveTimer, 'cancel'> | undefined;
  /** Items that were asked for and have not come. */
  #asked = 0;

  /** `time`: another than the machine's. */
  constructor(timeoutMs: number | undefined, onElapsed: (failure: Failure) => void, time?: Time) {
    this.#time = time;
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
    this.#pause();
  }

  get failure(): Failure {
    return { kind: 'timeout', afterMs: this.#timeoutMs ?? 0 };
  }

  /** Once it has ended: whether all of the time was used. */
  get isUp(): boolean {
    return this.#timeoutMs !== undefined && this.#remainingMs <= 0;
  }

  #start(): void {
    if (this.#timeoutMs === undefined || this.#timer !== undefined) return;
    const elapse = (): void => this.#onElapsed(this.failure);
    this.#timer =
      this.#time === undefined
        ? new ActiveTimer(elapse, this.#remainingMs)
        : startTimer(this.#time, elapse, this.#remainingMs);
  }

  #pause(): void {
    this.#remainingMs = this.#timer?.cancel() ?? this.#remainingMs;
    this.#timer = undefined;
  }
}

function startTimer(time: Time, elapse: () => void, delayMs: number): Pick<ActiveTimer, 'cancel'> {
  const endMs = time.now() + delayMs;
  const callOff = time.after(delayMs, elapse);
  return {
    cancel: () => {
      callOff();
      return Math.max(0, endMs - time.now());
    },
  };
}
