import type { Writable } from 'node:stream';

/**
 * stdout or stderr of this process. When the reader goes away (`| head`), writing becomes a no-op and
 * `isClosed` tells loops to stop: a closed pipe is no error of ours, and must not end a run.
 */
export class Output {
  /** The last one that held texts back. */
  static #holding: Output | undefined;
  readonly #stream: OutputStream;
  #isClosed = false;
  /** The texts of this turn: a write for each of thousands of lines takes longer than what they tell of. */
  #pending = '';
  #failure: Error | undefined;

  constructor(stream: OutputStream) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#isClosed = true;
      if (!HANG_UP.has(error.code)) this.#failure ??= error;
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why it could not take everything, if not because its reader left: the disk behind it is full, say. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }

  get rows(): number | undefined {
    return this.#stream.rows;
  }

  write(chunk: string | Uint8Array): void {
    if (typeof chunk === 'string') {
      if (this.#pending === '') this.#hold();
      this.#pending += chunk;
      return;
    }
    Output.#holding?.release();
    if (!this.#isClosed) this.#stream.write(chunk);
  }

  /** Writes at once what was to be written at the end of this turn. */
  release(): void {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '' && !this.#isClosed) this.#stream.write(text);
  }

  #hold(): void {
    // What both streams print stays in order, where they are one terminal.
    Output.#holding?.release();
    Output.#holding = this;
    queueMicrotask(() => this.release());
  }

  /** Writes, and waits while the reader is slower than we are. */
  async writeAll(chunk: string | Uint8Array): Promise<void> {
    Output.#holding?.release();
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      this.#stream.write(chunk, () => resolve());
    });
  }

  /** Resolves when everything written so far has left. */
  async flush(): Promise<void> {
    await this.writeAll('');
  }
}

/** The reader closed the pipe; the terminal is gone. */
const HANG_UP: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

export type OutputStream = Pick<Writable, 'write' | 'on'> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};
