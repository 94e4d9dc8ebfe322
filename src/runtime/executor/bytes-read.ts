import { createDeferred, type Deferred } from '../../base/deferred.ts';
import type { LogStream } from '../../model/ports/executor.ts';
import type { WrittenBytes } from '../../model/protocol.ts';

/** How much of a child's output has been read, and who waits for the rest of it. */
export class BytesRead {
  readonly #read = { stdout: 0, stderr: 0 };
  #waiting: { readonly for: WrittenBytes; readonly reached: Deferred<void> } | undefined;
  #isEnd = false;

  add(stream: LogStream, bytes: number): void {
    this.#read[stream] += bytes;
    if (this.#waiting !== undefined && this.#has(this.#waiting.for))
      this.#waiting.reached.resolve();
  }

  /** Nothing more will come. */
  end(): void {
    this.#isEnd = true;
    this.#waiting?.reached.resolve();
  }

  /** Resolves when so much has come; also what was written before by others should be here then. */
  async reach(written: WrittenBytes): Promise<void> {
    // What lay in the pipes when the answer was read is read in the same turn.
    await new Promise((done) => setImmediate(done));
    if (this.#isEnd || this.#has(written)) return;
    const reached = createDeferred<void>();
    this.#waiting = { for: written, reached };
    await reached.promise;
    this.#waiting = undefined;
  }

  #has({ stdout, stderr }: WrittenBytes): boolean {
    return this.#read.stdout >= stdout && this.#read.stderr >= stderr;
  }
}
