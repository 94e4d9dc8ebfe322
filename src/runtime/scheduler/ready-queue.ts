import type { OpenForeach, Task } from './state.ts';

/** When an entry came: its place among all entries, and the time of the event that made it ready. */
export interface Arrival {
  readonly order: number;
  readonly atMs?: number | undefined;
}

interface Entry {
  readonly what: Task | OpenForeach;
  readonly arrival: Arrival;
}

const NEVER: Arrival = { order: Number.POSITIVE_INFINITY };

/**
 * What may start, first come first served. A foreach is one entry, however wide: its items are made
 * when their turn comes, so 100,000 of them cost nothing while they wait.
 */
export class ReadyQueue {
  #entries: Entry[] = [];
  #head = 0;
  readonly #makeItem: (frame: OpenForeach) => Task;

  constructor(makeItem: (frame: OpenForeach) => Task) {
    this.#makeItem = makeItem;
  }

  get isEmpty(): boolean {
    return this.#head === this.#entries.length;
  }

  /** Of its first entry; nobody came later than infinity. */
  get arrival(): Arrival {
    return this.#entries[this.#head]?.arrival ?? NEVER;
  }

  push(what: Task | OpenForeach, arrival: Arrival): void {
    this.#entries.push({ what, arrival });
  }

  shift(): Task | undefined {
    const entry = this.#entries[this.#head]?.what;
    if (entry === undefined) return undefined;
    if (!('splitter' in entry)) {
      this.#drop();
      return entry;
    }
    const task = this.#makeItem(entry);
    if (entry.next === entry.size) this.#drop();
    return task;
  }

  /** In the order in which they will start, a foreach once for each item that is left of it. */
  *waiting(): Generator<Task | OpenForeach> {
    for (let at = this.#head; at < this.#entries.length; at += 1) {
      const entry = this.#entries[at]?.what;
      if (entry === undefined) return;
      const times = 'splitter' in entry ? entry.size - entry.next : 1;
      for (let n = 0; n < times; n += 1) yield entry;
    }
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
