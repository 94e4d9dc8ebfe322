import { stripVTControlCharacters } from 'node:util';
import { textWidth } from '../../base/text-width.ts';
import type { TextSink } from './text-sink.ts';

const UP = (rows: number): string => (rows === 0 ? '' : `\u001b[${rows}A`);
const CLEAR_TO_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/**
 * The lines at the bottom of a terminal that are drawn over and over. Each redraw is one write, so
 * that nothing flickers. A terminal that became narrower has wrapped the old lines: how many rows
 * they take now is counted at the present width.
 */
export class LiveRegion {
  readonly #sink: TextSink;
  /** Widths of the lines on the screen. */
  #drawn: readonly number[] = [];

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  /** Replaces the region. `above` scrolls away and stays; it may be wider than the terminal. */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    const wrapping = above.map((line) => `${CLEAR_BELOW}${line}\n`);
    const narrow = lines.map((line) => `${line}${CLEAR_TO_END}\n`);
    this.#sink.write([this.#toTop(), ...wrapping, ...narrow, CLEAR_BELOW].join(''));
    this.#drawn = lines.map((line) => textWidth(stripVTControlCharacters(line)));
  }

  #toTop(): string {
    const columns = this.#sink.columns ?? Number.POSITIVE_INFINITY;
    const rows = this.#drawn.map((width) => Math.max(1, Math.ceil(width / columns)));
    return `${UP(rows.reduce((sum, count) => sum + count, 0))}${this.#drawn.length === 0 ? '' : '\r'}`;
  }
}
