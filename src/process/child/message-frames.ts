/**
 * Messages as lines of JSON on a pipe of our own. Node's built-in channel is not used: garbage on it
 * (a child may write to any descriptor) throws inside the parent, and its size has no limit.
 */
export const CHANNEL_FD = 3;

/** A definition with its class texts is large, a result is small; nothing honest comes near this. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;

export function encodeFrame(message: unknown): string {
  return `${JSON.stringify(message)}\n`;
}

/** Cuts what arrives into messages. What is no message (not JSON, too long) comes as `undefined`. */
export class FrameReader {
  readonly #onMessage: (message: unknown) => void;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(onMessage: (message: unknown) => void, maxBytes: number = MAX_MESSAGE_BYTES) {
    this.#onMessage = onMessage;
    this.#maxBytes = maxBytes;
  }

  /** Nothing of a message has come whose rest is missing: no chunk is held. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#maxBytes) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #finish(): void {
    const [first, ...more] = this.#parts;
    const whole = first === undefined || more.length > 0 ? Buffer.concat(this.#parts) : first;
    const isTooLong = this.#length > this.#maxBytes;
    this.#parts = [];
    this.#length = 0;
    this.#onMessage(isTooLong ? undefined : parse(whole.toString()));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
