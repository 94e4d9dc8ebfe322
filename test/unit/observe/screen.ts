import { textWidth } from '../../../src/base/text-width.ts';
import type { TextSink } from '../../../src/observe/console/text-sink.ts';

const TOKEN = /\p{Cc}\[(\d*)([A-Za-z])|\r|\n|\P{Cc}+/gu;

/**
 * A terminal in memory: it wraps at its width, reflows when it is resized, and understands the few
 * escapes that the consoles write. Any other escape is an error.
 */
export class Screen implements TextSink {
  columns: number;
  rows: number;
  writes = 0;
  #lines: string[] = [''];
  #row = 0;

  constructor(columns: number, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.writes += 1;
    if (text.replace(TOKEN, '') !== '')
      throw new Error(`unknown escape in ${JSON.stringify(text)}`);
    for (const [token, count, command] of text.matchAll(TOKEN)) this.#apply(token, count, command);
  }

  /** What a person sees, colours left out, empty lines at the end too. */
  get lines(): readonly string[] {
    return this.#lines.slice(0, this.#lines.findLastIndex((line) => line !== '') + 1);
  }

  /** Breaks lines that have become too long, as terminals do. */
  resize(columns: number): void {
    this.columns = columns;
    const above = this.#lines.slice(0, this.#row).flatMap((line) => wrap(line, columns));
    const below = this.#lines.slice(this.#row).flatMap((line) => wrap(line, columns));
    this.#lines = [...above, ...below];
    this.#row = above.length;
  }

  #apply(token: string, count: string | undefined, command: string | undefined): void {
    switch (command) {
      case undefined:
        this.#print(token);
        return;
      case 'A':
        this.#row = Math.max(0, this.#row - Number(count === '' ? 1 : count));
        return;
      case 'J':
        this.#lines.splice(this.#row, Number.POSITIVE_INFINITY, '');
        return;
      case 'K':
      case 'm':
        return;
      default:
        throw new Error(`unknown escape ${JSON.stringify(token)}`);
    }
  }

  #print(token: string): void {
    if (token === '\r') return;
    if (token === '\n') {
      this.#row += 1;
      this.#lines[this.#row] ??= '';
      return;
    }
    const [first = '', ...rest] = wrap(token, this.columns);
    this.#lines[this.#row] = first;
    for (const part of rest) {
      this.#row += 1;
      this.#lines[this.#row] = part;
    }
  }
}

function wrap(line: string, columns: number): string[] {
  const parts = [''];
  for (const character of line) {
    const last = parts.at(-1) ?? '';
    if (textWidth(last + character) > columns) parts.push(character);
    else parts[parts.length - 1] = last + character;
  }
  return parts;
}
