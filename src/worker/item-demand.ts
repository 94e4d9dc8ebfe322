import { createDeferred, type Deferred } from '../base/deferred.ts';

/** How many items the parent has asked for and nobody has taken up. */
export class ItemDemand {
  #count = 0;
  #waiting: Deferred<number> | undefined;

  add(count: number): void {
    this.#count += count;
    if (this.#waiting === undefined) return;
    this.#waiting.resolve(this.#count);
    this.#waiting = undefined;
    this.#count = 0;
  }

  /** Waits until there is some; takes all of it. */
  take(): Promise<number> {
    const waiting = createDeferred<number>();
    if (this.#count === 0) {
      this.#waiting = waiting;
    } else {
      waiting.resolve(this.#count);
      this.#count = 0;
    }
    return waiting.promise;
  }
}
