import type { Writable } from 'node:stream';

/**
 * stdout or stderr of this process. When the reader goes away (`| head`), writing becomes a no-op and
 * `isClosed` tells loops to stop: a closed pipe is no error of ours, and must not end a run.
 */
export class Output {
  readonly #stream: OutputStream;
  #isClosed = false;
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

  write(text: string | Uint8Array): void {
    if (!this.#isClosed) this.#stream.write(text);
  }

  /** Writes, and waits while the reader is slower than we are. */
  async writeAll(chunk: string | Uint8Array): Promise<void> {
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
