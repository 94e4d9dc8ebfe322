import type { MemorySample } from '../model/failure.ts';

const MOST_SAMPLES = 16;

/** How the memory of one attempt went, in few samples: every other one goes when there are too many. */
export class MemoryCurve {
  #samples: MemorySample[] = [];
  #every = 1;
  #seen = 0;

  add(sample: MemorySample): void {
    this.#seen += 1;
    if (this.#seen % this.#every !== 0) return;
    this.#samples.push(sample);
    if (this.#samples.length < MOST_SAMPLES) return;
    this.#samples = this.#samples.filter((_, n) => n % 2 === 1);
    this.#every *= 2;
  }

  /** With the last one, whether or not it was kept. */
  upTo(last: MemorySample): readonly MemorySample[] {
    return this.#samples.at(-1)?.atMs === last.atMs ? this.#samples : [...this.#samples, last];
  }
}
