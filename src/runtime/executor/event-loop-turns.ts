import { performance } from 'node:perf_hooks';

const LONGEST_MS = 10;

// In a test, the global one may be a fake that never fires.
const { setImmediate: soon } = globalThis;

/**
 * Tasks without any waiting could follow each other for minutes in one turn of the event loop. Signals,
 * timers and disks get theirs in between.
 */
export class EventLoopTurns {
  #sinceMs = performance.now();
  #next: Promise<void> | undefined;

  /** Something to wait for when the turn has been long enough. */
  next(): Promise<void> | undefined {
    if (this.#next !== undefined) return this.#next;
    if (performance.now() - this.#sinceMs < LONGEST_MS) return undefined;
    this.#next = new Promise((resolve) => {
      soon(() => {
        this.#sinceMs = performance.now();
        this.#next = undefined;
        resolve();
      });
    });
    return this.#next;
  }
}
