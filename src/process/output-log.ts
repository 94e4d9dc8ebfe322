import { type FileHandle, open } from 'node:fs/promises';
import { FlowError } from '../model/errors.ts';
import { type OutputLine, PositionedLines } from './positioned-lines.ts';

/** From where the output of a command is read, and for how long. */
export interface ReadOptions {
  /** Bytes since the start of the stream: `nextPosition` of the last line that was read. Default: 0. */
  readonly position?: number;
  /** Ends the reading, not the command. */
  readonly signal?: AbortSignal;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * What a command writes on one stream, in a file: memory holds one chunk for each reader, however much
 * it is. The file is made by the first byte.
 */
export class OutputLog {
  readonly #path: string;
  #file: FileHandle | undefined;
  #length = 0;
  #state: 'open' | 'complete' | 'discarded' = 'open';
  readonly #waiting = new Set<() => void>();

  constructor(path: string) {
    this.#path = path;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#file ??= await open(this.#path, 'ax', 0o600);
    await this.#file.appendFile(bytes);
    this.#length += bytes.length;
    this.#wake();
  }

  /** Nothing is appended any more. */
  async complete(): Promise<void> {
    await this.#file?.close();
    this.#state = 'complete';
    this.#wake();
  }

  /** Its file is going to be removed. */
  discard(): void {
    this.#state = 'discarded';
  }

  /** The bytes from a position on, live until the log is complete. */
  async *chunks({ position = 0, signal }: ReadOptions = {}): AsyncGenerator<Buffer> {
    requirePosition(position);
    let at = position;
    for (;;) {
      signal?.throwIfAborted();
      if (at < this.#length) {
        const chunk = await this.#read(at);
        at += chunk.length;
        yield chunk;
      } else if (this.#state === 'open') await this.#grown(signal);
      else return;
    }
  }

  async *lines(options: ReadOptions = {}): AsyncGenerator<OutputLine> {
    const lines = new PositionedLines(options.position ?? 0);
    for await (const chunk of this.chunks(options)) yield* lines.push(chunk);
    yield* lines.end();
  }

  /** What was written so far, as UTF-8. */
  async text(): Promise<string> {
    if (this.#length === 0) return '';
    return this.#use((file) => file.readFile('utf8'));
  }

  #read(position: number): Promise<Buffer> {
    return this.#use(async (file) => {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, this.#length - position));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      return chunk.subarray(0, bytesRead);
    });
  }

  /** Open only while it is read: a reader may be left alone in the middle, and be forgotten. */
  async #use<T>(read: (file: FileHandle) => Promise<T>): Promise<T> {
    this.#requireKept();
    const file = await open(this.#path, 'r').catch((error: unknown) => {
      this.#requireKept();
      throw error;
    });
    try {
      return await read(file);
    } finally {
      await file.close();
    }
  }

  #requireKept(): void {
    if (this.#state !== 'discarded') return;
    throw new FlowError('the output of this command was removed', {
      code: 'OUTPUT_REMOVED',
      hint: 'read it before cleanup()',
    });
  }

  #grown(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

function requirePosition(position: number): void {
  if (Number.isSafeInteger(position) && position >= 0) return;
  throw new FlowError(`${position} is no position in an output`, {
    code: 'POSITION_INVALID',
    hint: 'give a number of bytes, such as nextPosition of a line',
  });
}
