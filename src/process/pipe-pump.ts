import type { Readable } from 'node:stream';

/** More than the system holds in a pipe: what a process wrote before it ended is within this. */
const LEFT_IN_PIPE_BYTES = 1024 * 1024;
const QUIET_MS = 20;

export type ChunkConsumer = (bytes: Buffer) => void | Promise<void>;

/** Reads one pipe to its end, one chunk at a time, as fast as its consumer allows. */
export class PipePump {
  readonly done: Promise<void>;
  readonly #stream: Readable | null;
  readonly #consume: ChunkConsumer;
  #error: unknown;
  /** Bytes that may still be read after the cut. */
  #allowance: number | undefined;
  #isConsuming = false;
  #quiet: NodeJS.Timeout | undefined;

  constructor(stream: Readable | null, consume: ChunkConsumer) {
    this.#stream = stream;
    this.#consume = consume;
    this.done = this.#run();
  }

  /** What the consumer threw first; what came after was read and dropped. */
  get error(): unknown {
    return this.#error;
  }

  /** Ends at what lies in the pipe now, although somebody still holds its other end. */
  cut(): void {
    this.#allowance = LEFT_IN_PIPE_BYTES;
    if (!this.#isConsuming) this.#awaitQuiet();
  }

  async #run(): Promise<void> {
    if (this.#stream === null) return;
    try {
      for await (const chunk of this.#stream) {
        clearTimeout(this.#quiet);
        await this.#handOver(chunk);
        if (this.#isUsedUp(chunk.length)) break;
      }
    } catch {
      // The pipe broke or was cut: that is its end.
    }
    clearTimeout(this.#quiet);
  }

  async #handOver(chunk: Buffer): Promise<void> {
    if (this.#error !== undefined) return;
    this.#isConsuming = true;
    try {
      await this.#consume(chunk);
    } catch (error) {
      this.#error = error;
    }
    this.#isConsuming = false;
  }

  #isUsedUp(bytes: number): boolean {
    if (this.#allowance === undefined) return false;
    this.#allowance -= bytes;
    if (this.#allowance > 0) this.#awaitQuiet();
    return this.#allowance <= 0;
  }

  #awaitQuiet(): void {
    this.#quiet = setTimeout(() => this.#stream?.destroy(), QUIET_MS);
  }
}
