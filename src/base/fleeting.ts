/**
 * For entries that come and go by the thousand, as tasks do. A `Map` or `Set` makes itself a new table every
 * few of them, and each old table points to the next: as soon as V8 has moved one to its old generation, all
 * later ones stay, with whatever they held, until it next collects everything.
 */
export class FleetingMap<K extends string, V> {
  readonly #entries: { [key: string]: V } = Object.create(null);

  get(key: K): V | undefined {
    return this.#entries[key];
  }

  set(key: K, value: V): void {
    this.#entries[key] = value;
  }

  delete(key: K): void {
    delete this.#entries[key];
  }

  /** The oldest first. */
  values(): V[] {
    return Object.values(this.#entries);
  }
}

/** The same without keys, for as many as run at a time: it is searched from its beginning. */
export class FleetingSet<T> implements Iterable<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  has(item: T): boolean {
    return this.#items.includes(item);
  }

  add(item: T): void {
    if (!this.has(item)) this.#items.push(item);
  }

  delete(item: T): void {
    const at = this.#items.indexOf(item);
    if (at >= 0) this.#items.splice(at, 1);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }
}
