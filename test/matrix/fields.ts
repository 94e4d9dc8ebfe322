import { isDeepStrictEqual } from 'node:util';

/** What a task leaves: fields by name. */
export type Table = ReadonlyMap<string, unknown>;

/**
 * The fields of one task as DESIGN §7 has them, on plain values: no hashes, no store, no laziness.
 * The effects of behaviours work on it as the code of their steps works on `this`; values are shared,
 * so an effect sets what the code changes in place.
 */
export class Fields {
  readonly #table: Map<string, unknown>;
  readonly #assigned = new Set<string>();
  readonly #fork: Table;
  readonly inputs: readonly Table[];

  /** Of a join: what no input has changed since the fork. */
  static ofJoin(fork: Table, inputs: readonly Table[]): Fields {
    const same = [...fork].filter(([name]) => inputs.every((input) => isSame(fork, input, name)));
    return new Fields(new Map(same), { fork, inputs });
  }

  constructor(
    before: Table,
    { fork, inputs }: { fork: Table; inputs: readonly Table[] } = { fork: before, inputs: [] },
  ) {
    this.#table = new Map(before);
    this.#fork = fork;
    this.inputs = inputs;
  }

  has(name: string): boolean {
    return this.#table.has(name);
  }

  get(name: string): unknown {
    return this.#table.get(name);
  }

  /** Of a join: whether its fork had the field. */
  hadFork(name: string): boolean {
    return this.#fork.has(name);
  }

  set(name: string, value: unknown): void {
    // A field without a value is absent.
    if (value === undefined) this.#table.delete(name);
    else this.#table.set(name, value);
    this.#assigned.add(name);
  }

  delete(name: string): void {
    this.set(name, undefined);
  }

  /**
   * Takes what those inputs agree on that have changed it since the fork; gives the names of what they
   * do not agree on. A field that is gone, deleted or not taken over by a join, has changed too.
   */
  merge(): readonly string[] {
    const conflicts: string[] = [];
    const names = [this.#fork, ...this.inputs].flatMap((table) => [...table.keys()]);
    for (const name of new Set(names)) {
      if (this.#assigned.has(name)) continue;
      const [first, ...others] = this.#variants(name);
      if (others.length > 0) conflicts.push(name);
      else if (first?.has(name) === true) this.#table.set(name, first.get(name));
    }
    return conflicts.toSorted();
  }

  get table(): Table {
    return this.#table;
  }

  /** Inputs that differ from the fork, and from each other. */
  #variants(name: string): readonly Table[] {
    const found: Table[] = [];
    for (const input of this.inputs) {
      if (![this.#fork, ...found].some((one) => isSame(one, input, name))) found.push(input);
    }
    return found;
  }
}

function isSame(a: Table, b: Table, name: string): boolean {
  return a.has(name) === b.has(name) && isDeepStrictEqual(a.get(name), b.get(name));
}
