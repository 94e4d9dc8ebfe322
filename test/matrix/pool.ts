import { createDeferred } from '../../src/base/deferred.ts';

/** Works off what was added, in order, so many at a time; a test waits for what it needs. */
export class Pool {
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #width: number;
  readonly #running = new Set<Promise<void>>();

  constructor(width: number) {
    this.#width = width;
  }

  add<T>(work: () => Promise<T>): () => Promise<T> {
    const done = createDeferred<T>();
    // Whoever waits is told; nobody has to wait.
    done.promise.catch(() => {});
    this.#waiting.push(() => work().then(done.resolve, done.reject));
    return () => done.promise;
  }

  open(): void {
    while (this.#running.size < this.#width) {
      const work = this.#waiting.shift();
      if (work === undefined) return;
      const running = this.#run(work);
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
    }
  }

  /** Drops what has not begun. */
  close(): void {
    this.#waiting.length = 0;
  }

  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(first: () => Promise<void>): Promise<void> {
    for (let work: typeof first | undefined = first; work !== undefined; ) {
      await work();
      work = this.#waiting.shift();
    }
  }
}
