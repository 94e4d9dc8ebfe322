const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const MAX_PIECE_BYTES = 64 * 1024;

/** Ends each piece of a line that goes on in the next piece. */
export const CONTINUES = '…';

/** `isCut`: the line goes on; `text` then ends in `CONTINUES`. */
export type LineHandler = (text: string, isCut: boolean) => void;

/**
 * Bytes to lines for people: bounded (a line without end comes in pieces of at most 64 KiB), whole
 * characters only, replacement characters for what is no UTF-8. Every byte is part of some line.
 */
export class LineSplitter {
  readonly #onLine: LineHandler;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(onLine: LineHandler) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#keep(bytes.subarray(start, end));
      this.#emitLine();
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
  }

  /** Hands out what has no newline yet. */
  end(): void {
    if (this.#length > 0) this.#emitLine();
  }

  #keep(part: Uint8Array): void {
    let rest = part;
    while (this.#length + rest.length > MAX_PIECE_BYTES) {
      const room = MAX_PIECE_BYTES - this.#length;
      this.#add(rest.subarray(0, room));
      rest = rest.subarray(room);
      this.#emitPiece();
    }
    this.#add(rest);
  }

  #add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#length += part.length;
  }

  #take(): Buffer {
    const all = Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    return all;
  }

  #emitLine(): void {
    const line = this.#take();
    const length = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
    this.#onLine(line.toString('utf8', 0, length), false);
  }

  #emitPiece(): void {
    const piece = this.#take();
    const whole = wholeCharacters(piece);
    this.#onLine(piece.toString('utf8', 0, whole) + CONTINUES, true);
    this.#add(piece.subarray(whole));
  }
}

/** The length up to the last character that may be incomplete. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return back < sequenceLength(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
