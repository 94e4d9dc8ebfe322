import type { Interruptible } from './interrupt.ts';

/** Passes on what comes from outside to whatever a run is doing at the moment. */
export class InterruptRelay implements Interruptible {
  target: Interruptible;
  #isKilled = false;

  constructor(target: Interruptible) {
    this.target = target;
  }

  /** True once somebody asked for an end at once. */
  get isKilled(): boolean {
    return this.#isKilled;
  }

  stop(reason: string): void {
    this.target.stop(reason);
  }

  kill(): void {
    this.#isKilled = true;
    this.target.kill();
  }
}
