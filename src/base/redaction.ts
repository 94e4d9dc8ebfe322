import { encodedForms } from './encoded-forms.ts';
import type { Json } from './json.ts';

/** What stands where a hidden text was. */
export const REDACTED = '***';

/**
 * Texts that must not be seen, and how to take them out of bytes and values. A text is found as it is
 * and in its usual encodings; in other disguises (hex, compressed, cut in two) it is not.
 */
export class Redaction {
  readonly #forms: Buffer[] = [];

  constructor(texts: Iterable<string> = []) {
    this.hide(texts);
  }

  get isEmpty(): boolean {
    return this.#forms.length === 0;
  }

  hide(texts: Iterable<string>): void {
    for (const text of texts) {
      for (const form of encodedForms(text)) {
        const bytes = Buffer.from(form);
        if (bytes.length > 0 && !this.#forms.some((known) => known.equals(bytes))) {
          this.#forms.push(bytes);
        }
      }
    }
    // Where one begins with another, the whole of the longer one goes.
    this.#forms.sort((a, b) => b.length - a.length);
  }

  isIn(bytes: Uint8Array): boolean {
    const buffer = asBuffer(bytes);
    return this.#forms.some((form) => buffer.includes(form));
  }

  /** The text without what is hidden in it. */
  clean(text: string): string {
    if (this.isEmpty) return text;
    const bytes = Buffer.from(text);
    return this.isIn(bytes) ? this.cleanBytes(bytes).toString() : text;
  }

  /** Every text inside, the keys of objects too. */
  cleanJson(value: Json): Json {
    if (typeof value === 'string') return this.clean(value);
    if (typeof value !== 'object' || value === null) return value;
    if (isList(value)) return value.map((item) => this.cleanJson(item));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.clean(key), this.cleanJson(item)]),
    );
  }

  cleanBytes(bytes: Buffer): Buffer {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (let found = this.#next(bytes, at); found !== undefined; found = this.#next(bytes, at)) {
      parts.push(bytes.subarray(at, found.start), MARK);
      at = found.end;
    }
    return at === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(at)]);
  }

  /**
   * What of the bytes can be shown, whatever comes after them, and what cannot be judged yet: from
   * where a hidden text may begin, if it comes before all that is certain to be one.
   */
  split(bytes: Buffer): { readonly shown: Buffer; readonly held: Buffer } {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const rest = bytes.subarray(at);
      const open = rest.length - Math.max(0, ...this.#forms.map((form) => overlap(rest, form)));
      const found = this.#next(rest, 0);
      if (found === undefined || open <= found.start) {
        parts.push(rest.subarray(0, open));
        return { shown: Buffer.concat(parts), held: rest.subarray(open) };
      }
      parts.push(rest.subarray(0, found.start), MARK);
      at += found.end;
    }
  }

  /** The first one, the longest where several begin there. */
  #next(bytes: Buffer, from: number): { readonly start: number; readonly end: number } | undefined {
    let first: { readonly start: number; readonly end: number } | undefined;
    for (const form of this.#forms) {
      const start = bytes.indexOf(form, from);
      if (start === -1 || (first !== undefined && start >= first.start)) continue;
      first = { start, end: start + form.length };
    }
    return first;
  }
}

const MARK = Buffer.from(REDACTED);

/** The longest end of the bytes with which the form goes on, the whole form excluded. */
function overlap(bytes: Buffer, form: Buffer): number {
  const [head] = form;
  if (head === undefined) return 0;
  let start = bytes.indexOf(head, Math.max(0, bytes.length - form.length + 1));
  while (start !== -1) {
    const length = bytes.length - start;
    if (bytes.subarray(start).equals(form.subarray(0, length))) return length;
    start = bytes.indexOf(head, start + 1);
  }
  return 0;
}

/**
 * The same for bytes that come in pieces: a text across two pieces is found too. Only an end that may
 * be the beginning of one is held back, until the next piece or the end tells.
 */
export class RedactedStream {
  readonly #redaction: Redaction;
  #held: Buffer = Buffer.alloc(0);

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
  }

  /** What may be shown by now; it may be empty. */
  push(bytes: Uint8Array): Buffer {
    if (this.#redaction.isEmpty && this.#held.length === 0) return asBuffer(bytes);
    const { shown, held } = this.#redaction.split(Buffer.concat([this.#held, bytes]));
    this.#held = held;
    return shown;
  }

  /** The rest. */
  end(): Buffer {
    const rest = this.#redaction.cleanBytes(this.#held);
    this.#held = Buffer.alloc(0);
    return rest;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
