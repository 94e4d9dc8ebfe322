import type { Demand, Pool } from './demand.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { OpenForeach, Task } from './state.ts';

/**
 * Who may start. Pools are turnstiles in a fixed order: limits, gpu, memory, io, cpu. Each lets pass
 * in order of arrival, and what a task has passed it keeps while it waits at the next one. So nobody
 * is overtaken where they wait (a big task is not starved by small ones: what gets free there is
 * kept for it), nobody waits in a circle (the order is fixed), and who waits for one pool is in
 * nobody's way at another.
 *
 * Tasks of the same demand and depth wait in one line, and only the first of each line is ever looked at: a
 * decision costs the number of different demands and depths in the graph, however many tasks wait.
 */
export class Admission {
  readonly #demandOf: (entry: Task | OpenForeach) => Demand;
  readonly #depthOf: (entry: Task | OpenForeach) => number;
  readonly #makeItem: (frame: OpenForeach) => Task;
  readonly #lines: Line[] = [];
  readonly #lineOf = new Map<Demand, Line[]>();
  /** What tasks hold and the lines' first have passed, kept so that no decision has to add it up. */
  readonly #taken = new Map<Pool, number>();
  #arrivals = 0;

  constructor(options: {
    readonly demandOf: (entry: Task | OpenForeach) => Demand;
    /** How many foreaches lie around it. */
    readonly depthOf: (entry: Task | OpenForeach) => number;
    readonly makeItem: (frame: OpenForeach) => Task;
  }) {
    this.#demandOf = options.demandOf;
    this.#depthOf = options.depthOf;
    this.#makeItem = options.makeItem;
  }

  get isEmpty(): boolean {
    return this.#lines.every(({ queue }) => queue.isEmpty);
  }

  push(entry: Task | OpenForeach, atMs?: number): void {
    const arrival = { order: this.#arrivals, atMs };
    this.#line(this.#demandOf(entry), this.#depthOf(entry)).queue.push(entry, arrival);
    this.#arrivals += 1;
  }

  /**
   * The next task that may start; it holds what it needs until it is released. With `minDepth` only
   * tasks with so many foreaches around them: who may not start then keeps nothing from them.
   */
  next(minDepth = 0): Admitted | undefined {
    const closed: Pool[] = [];
    if (minDepth > 0) {
      for (const line of this.#lines) if (line.depth < minDepth) this.#giveBack(line);
    }
    for (const line of this.#inOrder()) {
      if (line.depth < minDepth) continue;
      const blockedAt = this.#advance(line, closed);
      if (blockedAt === undefined) return this.#admit(line);
      closed.push(blockedAt);
    }
    return undefined;
  }

  /** For a task that holds nothing (a clone) this says nothing. */
  release(task: Task): void {
    for (const { pool, amount } of task.holds ?? []) this.#take(pool, -amount);
    task.holds = undefined;
  }

  /** Who waits, those of the line whose first came earliest first. */
  *waiting(): Generator<Task | OpenForeach> {
    for (const { queue } of this.#inOrder()) yield* queue.waiting();
  }

  /** Sends everybody away who waits. */
  clear(): void {
    for (const line of this.#lines) {
      this.#giveBack(line);
      line.queue.clear();
    }
  }

  /** The first of a line has to pass all turnstiles again. */
  #giveBack(line: Line): void {
    for (const { pool, amount } of line.demand.slice(0, line.passed)) this.#take(pool, -amount);
    line.passed = 0;
  }

  /** Lines with somebody in them, whose first came earliest first. */
  #inOrder(): readonly Line[] {
    const lines = this.#lines.filter(({ queue }) => !queue.isEmpty);
    // As in most runs: one step has tasks that wait.
    if (lines.length < 2) return lines;
    return lines.toSorted((a, b) => a.queue.arrival.order - b.queue.arrival.order);
  }

  /** Takes the first of a line through as many turnstiles as let it pass; names the one that does not. */
  #advance(line: Line, closed: readonly Pool[]): Pool | undefined {
    for (const { pool, amount } of line.demand.slice(line.passed)) {
      const taken = this.#taken.get(pool) ?? 0;
      if (closed.includes(pool) || taken + amount > pool.capacity) return pool;
      this.#take(pool, amount);
      line.passed += 1;
    }
    return undefined;
  }

  #admit(line: Line): Admitted | undefined {
    const { atMs } = line.queue.arrival;
    const task = line.queue.shift();
    line.passed = 0;
    if (task === undefined) return undefined;
    task.holds = line.demand;
    return { task, readyAtMs: atMs };
  }

  #take(pool: Pool, amount: number): void {
    this.#taken.set(pool, (this.#taken.get(pool) ?? 0) + amount);
  }

  #line(demand: Demand, depth: number): Line {
    const alike = this.#lineOf.get(demand) ?? [];
    const known = alike[depth];
    if (known !== undefined) return known;
    const line: Line = { demand, depth, queue: new ReadyQueue(this.#makeItem), passed: 0 };
    alike[depth] = line;
    this.#lineOf.set(demand, alike);
    this.#lines.push(line);
    return line;
  }
}

export interface Admitted {
  readonly task: Task;
  /** The time of the event that made it ready, where that is known. */
  readonly readyAtMs: number | undefined;
}

interface Line {
  readonly demand: Demand;
  readonly depth: number;
  readonly queue: ReadyQueue;
  /** How many turnstiles its first has passed. */
  passed: number;
}
