const NEWLINE = 0x0a;
const MAX_PIECE_BYTES = 64 * 1024;

/** Ends each piece of a line that goes on in the next piece. */
export const CONTINUES = '...';

/**
 * One line, or several with a newline between them, without the last line end. `isCut`: a piece of
 * one line that goes on; `text` then ends in `CONTINUES`.
 */
export type LinesHandler = (text: string, isCut: boolean) => void;

/**
 * Bytes to lines for people: bounded (a line without end comes in pieces of at most 64 KiB), whole
 * characters only, replacement characters for what is no UTF-8. Every byte is part of some line.
 * Lines that arrive together are handed out together: a text is decoded as a whole, which is what
 * makes millions of short lines cheap.
 */
export class LineSplitter {
  readonly #onLines: LinesHandler;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(onLines: LinesHandler) {
    this.#onLines = onLines;
  }

  push(bytes: Uint8Array): void {
    const first = bytes.indexOf(NEWLINE);
    if (first < 0) return this.#keep(bytes);
    this.#keep(bytes.subarray(0, first));
    this.#emitLine();
    const last = bytes.lastIndexOf(NEWLINE);
    for (let start = first + 1; start <= last; ) {
      const end = lastLineEnd(bytes, start, last);
      this.#emitLines(bytes.subarray(start, end));
      start = end + 1;
    }
    this.#keep(bytes.subarray(last + 1));
  }

  /** Hands out what has no newline yet. */
  end(): void {
    if (this.#length > 0) this.#emitLine();
  }

  /** Whole lines, up to a last newline that is left out. */
  #emitLines(bytes: Uint8Array): void {
    if (bytes.length <= MAX_PIECE_BYTES) return this.#onLines(decodeLines(bytes), false);
    this.#keep(bytes);
    this.#emitLine();
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
    this.#onLines(decodeLines(this.#take()), false);
  }

  #emitPiece(): void {
    const piece = this.#take();
    const whole = wholeCharacters(piece);
    this.#onLines(piece.toString('utf8', 0, whole) + CONTINUES, true);
    this.#add(piece.subarray(whole));
  }
}

/** Where the lines end that can be handed out together; one that is longer stands alone. */
function lastLineEnd(bytes: Uint8Array, start: number, last: number): number {
  if (last - start <= MAX_PIECE_BYTES) return last;
  const end = bytes.lastIndexOf(NEWLINE, start + MAX_PIECE_BYTES);
  return end >= start ? end : bytes.indexOf(NEWLINE, start);
}

/** Windows line ends are taken off. */
function decodeLines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  if (!text.includes('\r')) return text;
  return (text.endsWith('\r') ? text.slice(0, -1) : text).replaceAll('\r\n', '\n');
}

/** The length up to the last character that may be incomplete. */
export function wholeCharacters(bytes: Buffer): number {
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
