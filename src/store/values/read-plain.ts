/** Says that a value needs the CBOR library. */
export const NOT_PLAIN = Symbol('not plain');

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const SIMPLE = 7;

/**
 * Reads what numbers, texts, byte strings and arrays of these are in CBOR (RFC 8949). It saves a task
 * that reads nothing else from loading the library, which takes a tenth of its start; and it says
 * `NOT_PLAIN` to all that the library has more to say about.
 */
export function readPlain(bytes: Uint8Array): unknown {
  const reader = new PlainReader(bytes);
  const value = reader.read();
  return reader.isAtEnd ? value : NOT_PLAIN;
}

/** The byte string at an index of an array of them; undefined where the array begins with anything else. */
export function readPlainElement(bytes: Uint8Array, index: number): Uint8Array | undefined {
  return new PlainReader(bytes).element(index);
}

class PlainReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  read(): unknown {
    if (this.isAtEnd) return NOT_PLAIN;
    const head = this.#bytes.readUInt8(this.#at++);
    const [major, info] = [head >> 5, head & 31];
    if (major === SIMPLE) return this.#simple(info);
    const count = this.#count(info);
    if (count === undefined) return NOT_PLAIN;
    switch (major) {
      case UNSIGNED:
        return count;
      case NEGATIVE:
        return -1 - count;
      case BYTES:
        return this.#skip(count) ? this.#bytes.subarray(this.#at - count, this.#at) : NOT_PLAIN;
      case TEXT:
        return this.#skip(count)
          ? this.#bytes.toString('utf8', this.#at - count, this.#at)
          : NOT_PLAIN;
      case ARRAY:
        return this.#array(count);
      default:
        return NOT_PLAIN;
    }
  }

  element(index: number): Uint8Array | undefined {
    const count = this.#head(ARRAY);
    if (count === undefined || index >= count) return undefined;
    for (let at = 0; ; at += 1) {
      const length = this.#head(BYTES);
      if (length === undefined || !this.#skip(length)) return undefined;
      if (at === index) return this.#bytes.subarray(this.#at - length, this.#at);
    }
  }

  #head(major: number): number | undefined {
    if (this.isAtEnd) return undefined;
    const head = this.#bytes.readUInt8(this.#at++);
    return head >> 5 === major ? this.#count(head & 31) : undefined;
  }

  /** Up to four bytes: with more, not every number is one of JavaScript's. */
  #count(info: number): number | undefined {
    if (info < 24) return info;
    const size = 2 ** (info - 24);
    if (size > 4 || !this.#skip(size)) return undefined;
    return this.#bytes.readUIntBE(this.#at - size, size);
  }

  #simple(info: number): unknown {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    if (info !== 27 || !this.#skip(8)) return NOT_PLAIN;
    return this.#bytes.readDoubleBE(this.#at - 8);
  }

  #array(count: number): unknown {
    if (count > this.#bytes.length - this.#at) return NOT_PLAIN;
    const items: unknown[] = [];
    for (let index = 0; index < count; index += 1) {
      const item = this.read();
      if (item === NOT_PLAIN) return NOT_PLAIN;
      items.push(item);
    }
    return items;
  }

  #skip(length: number): boolean {
    this.#at += length;
    return this.#at <= this.#bytes.length;
  }
}
