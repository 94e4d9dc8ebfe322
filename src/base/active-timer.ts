/** setTimeout's own limit, 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const running = new Set<ActiveTimer>();

/**
 * A timer of time in which this process was not suspended (Ctrl-Z): {@link pauseTimers} before it
 * stops, {@link continueTimers} when it goes on. A plain timer would be overdue then, and fire at once.
 */
export class ActiveTimer {
  readonly #onElapsed: () => void;
  #remainingMs: number;
  #startedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Starts it. Delays beyond 24.8 days are cut. */
  constructor(onElapsed: () => void, delayMs: number) {
    this.#onElapsed = onElapsed;
    this.#remainingMs = Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS);
    running.add(this);
    this.start();
  }

  /** Ends it; returns the milliseconds that were left. */
  cancel(): number {
    running.delete(this);
    this.pause();
    return this.#remainingMs;
  }

  start(): void {
    this.#startedAtMs = performance.now();
    this.#timer = setTimeout(() => {
      running.delete(this);
      this.#onElapsed();
    }, this.#remainingMs);
  }

  pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#remainingMs = Math.max(0, this.#remainingMs - (performance.now() - this.#startedAtMs));
  }
}

export function pauseTimers(): void {
  for (const timer of running) timer.pause();
}

export function continueTimers(): void {
  for (const timer of running) timer.start();
}
