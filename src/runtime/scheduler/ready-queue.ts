import type { OpenForeach, Task } from './state.ts';

/**
 * What may start, first come first served. A foreach is one entry, however wide: its items are made
 * when their turn comes, so 100,000 of them cost nothing while they wait.
 */
export class ReadyQueue {
  #entries: (Task | OpenForeach)[] = [];
  #head = 0;
  readonly #makeItem: (frame: OpenForeach) => Task;

  constructor(makeItem: (frame: OpenForeach) => Task) {
    this.#makeItem = makeItem;
  }

  get isEmpty(): boolean {
    return this.#head === this.#entries.length;
  }

  push(entry: Task | OpenForeach): void {
    this.#entries.push(entry);
  }

  shift(): Task | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    if (!('splitter' in entry)) {
      this.#drop();
      return entry;
    }
    const task = this.#makeItem(entry);
    if (entry.next === entry.size) this.#drop();
    return task;
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
  }

  /** The front is cut off now and then rather than each time: O(1) amortised. */
  #drop(): void {
    this.#head += 1;
    if (this.#head < 1_024 || this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
