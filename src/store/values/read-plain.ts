/** Says that a value needs the CBOR library. */
export const NOT_PLAIN = Symbol('not plain');

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const SIMPLE = 7;

/**
 * Reads what numbers, texts, byte strings and a flat array of these are in CBOR (RFC 8949). It saves a
 * task that reads nothing else from loading the library, which takes a tenth of its start; and it says
 * `NOT_PLAIN` to all that the library has more to say about.
 */
export function readPlain(bytes: Uint8Array): unknown {
  const reader = new PlainReader(bytes);
  const value = reader.major === ARRAY ? reader.array() : reader.scalar();
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

  /** What comes next. */
  get major(): number | undefined {
    return this.#at < this.#bytes.length ? this.#bytes.readUInt8(this.#at) >> 5 : undefined;
  }

  scalar(): unknown {
    const { major } = this;
    if (major === SIMPLE) return this.#simple();
    const count = this.#countOf(major);
    if (count === undefined) return NOT_PLAIN;
    if (major === UNSIGNED) return count;
    if (major === NEGATIVE) return -1 - count;
    if ((major !== BYTES && major !== TEXT) || !this.#skip(count)) return NOT_PLAIN;
    const start = this.#at - count;
    return major === TEXT
      ? this.#bytes.toString('utf8', start, this.#at)
      : this.#bytes.subarray(start, this.#at);
  }

  array(): unknown {
    const count = this.#countOf(ARRAY) ?? Number.POSITIVE_INFINITY;
    if (count > this.#bytes.length - this.#at) return NOT_PLAIN;
    const items: unknown[] = [];
    while (items.length < count) {
      const item = this.scalar();
      if (item === NOT_PLAIN) return NOT_PLAIN;
      items.push(item);
    }
    return items;
  }

  element(index: number): Uint8Array | undefined {
    const count = this.#countOf(ARRAY);
    if (count === undefined || index >= count) return undefined;
    for (let at = 0; ; at += 1) {
      const length = this.#countOf(BYTES);
      if (length === undefined || !this.#skip(length)) return undefined;
      if (at === index) return this.#bytes.subarray(this.#at - length, this.#at);
    }
  }

  /** Its value or its length; undefined where something else comes, or a number of more than 32 bits. */
  #countOf(major: number | undefined): number | undefined {
    if (major === undefined || this.major !== major) return undefined;
    const info = this.#bytes.readUInt8(this.#at++) & 31;
    if (info < 24) return info;
    const size = 2 ** (info - 24);
    if (size > 4 || !this.#skip(size)) return undefined;
    return this.#bytes.readUIntBE(this.#at - size, size);
  }

  #simple(): unknown {
    const info = this.#bytes.readUInt8(this.#at++) & 31;
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    if (info !== 27 || !this.#skip(8)) return NOT_PLAIN;
    return this.#bytes.readDoubleBE(this.#at - 8);
  }

  #skip(length: number): boolean {
    this.#at += length;
    return this.#at <= this.#bytes.length;
  }
}
