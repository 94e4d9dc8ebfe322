import { formatMemory } from '../base/byte-size.ts';
import type { LogStream } from '../model/ports/executor.ts';

const NEWLINE = 0x0a;

/** What of an attempt's output is kept: all of it, or so many bytes and one line that says so. */
export class LogBudget {
  readonly #maxBytes: number;
  #leftBytes: number;
  #lastByte: number = NEWLINE;

  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
    this.#leftBytes = maxBytes;
  }

  /** The pieces to keep, none once the budget is used up. */
  take(stream: LogStream, bytes: Uint8Array): readonly Uint8Array[] {
    if (this.#leftBytes < 0 || bytes.length === 0) return [];
    this.#leftBytes -= bytes.length;
    if (this.#leftBytes >= 0) {
      this.#lastByte = bytes.at(-1) ?? NEWLINE;
      return [bytes];
    }
    const kept = bytes.subarray(0, bytes.length + this.#leftBytes);
    const before = (kept.at(-1) ?? this.#lastByte) === NEWLINE ? '' : '\n';
    const limit = formatMemory(this.#maxBytes);
    const marker = `${before}[${stream} and all that follows is dropped: the log has reached its ${limit} (--max-log-size)]\n`;
    return [kept, Buffer.from(marker)];
  }
}
