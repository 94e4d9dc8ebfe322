import { wholeCharacters } from './line-splitter.ts';

/** One line that a command printed, without its line end. */
export interface OutputLine {
  readonly text: string;
  /** Where it begins: bytes since the start of the stream. */
  readonly position: number;
  /** Where the next one begins. Reading goes on there with `{ position: nextPosition }`. */
  readonly nextPosition: number;
  /** A piece of a line longer than 1 MiB, which goes on in the next piece. */
  readonly isCut: boolean;
}

const NEWLINE = 0x0a;
const LONGEST_LINE_BYTES = 1024 * 1024;

/** Cuts a stream of bytes into lines that know where they stand in it. */
export class PositionedLines {
  #start: number;
  #parts: Buffer[] = [];
  #length = 0;

  /** Its first byte stands at this position. */
  constructor(position: number) {
    this.#start = position;
  }

  *push(bytes: Buffer): Generator<OutputLine> {
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#keep(bytes.subarray(from, end));
      yield this.#take(1);
      from = end + 1;
    }
    this.#keep(bytes.subarray(from));
    if (this.#length > LONGEST_LINE_BYTES) yield this.#takePiece();
  }

  /** What has no line end. */
  *end(): Generator<OutputLine> {
    if (this.#length > 0) yield this.#take(0);
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#length += part.length;
  }

  #take(lineEndBytes: number): OutputLine {
    const bytes = this.#empty();
    const isWindows = lineEndBytes > 0 && bytes.at(-1) === 0x0d;
    const text = bytes.toString('utf8', 0, isWindows ? bytes.length - 1 : bytes.length);
    return this.#advance(text, bytes.length + lineEndBytes, false);
  }

  #takePiece(): OutputLine {
    const bytes = this.#empty();
    const whole = wholeCharacters(bytes);
    this.#keep(bytes.subarray(whole));
    return this.#advance(bytes.toString('utf8', 0, whole), whole, true);
  }

  #empty(): Buffer {
    const bytes = Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    return bytes;
  }

  #advance(text: string, byteCount: number, isCut: boolean): OutputLine {
    const position = this.#start;
    this.#start += byteCount;
    return { text, position, nextPosition: this.#start, isCut };
  }
}
