import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTINUES, LineSplitter } from '../../../src/process/line-splitter.ts';

interface Piece {
  readonly text: string;
  readonly isCut: boolean;
}

function split(chunks: readonly Uint8Array[]): readonly Piece[] {
  const pieces: Piece[] = [];
  const splitter = new LineSplitter((lines, isCut) =>
    pieces.push(...lines.split('\n').map((text) => ({ text, isCut }))),
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return pieces;
}

const textsOf = (pieces: readonly Piece[]): readonly string[] => pieces.map(({ text }) => text);

function cutAt(bytes: Buffer, places: readonly number[]): readonly Uint8Array[] {
  const sorted = [...places.map((place) => place % (bytes.length + 1)), 0, bytes.length];
  sorted.sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe('LineSplitter', () => {
  it('gives a line without a newline when the output ends', () => {
    expect(textsOf(split([Buffer.from('one\ntwo')]))).toEqual(['one', 'two']);
  });

  it('adds no empty line after a last newline, and keeps the empty lines there are', () => {
    expect(textsOf(split([Buffer.from('one\n\ntwo\n')]))).toEqual(['one', '', 'two']);
  });

  it('takes Windows line ends off', () => {
    expect(textsOf(split([Buffer.from('one\r\ntwo\r'), Buffer.from('\n')]))).toEqual([
      'one',
      'two',
    ]);
  });

  it('gives the same lines however the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !/[\r\n]/.test(line))),
        fc.array(fc.nat()),
        (lines, places) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          expect(textsOf(split(cutAt(bytes, places)))).toEqual(lines);
        },
      ),
    );
  });

  it('hands out together what arrives together, in texts of at most 64 KiB', () => {
    const texts: string[] = [];
    const splitter = new LineSplitter((text) => texts.push(text));
    splitter.push(Buffer.from('one\ntwo\nthree\nfo'));
    expect(texts).toEqual(['one', 'two\nthree']);
    texts.length = 0;
    const lines = Array.from({ length: 3_000 }, (_, n) => String(n).padStart(99, '.'));
    splitter.push(Buffer.from(`ur\n${lines.join('\n')}\n${'x'.repeat(70_000)}\nlast\n`));
    splitter.end();
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(
      65_536 + CONTINUES.length,
    );
    expect(texts.length).toBeLessThan(12);
    const rest = texts.join('\n').replace(`${CONTINUES}\n`, '');
    expect(rest).toBe(['four', ...lines, 'x'.repeat(70_000), 'last'].join('\n'));
  });

  it('shows bytes that are no text as replacement characters', () => {
    expect(textsOf(split([Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x0a])]))).toEqual(['a��(']);
  });

  it('cuts a line of 10 MB into bounded pieces of whole characters and loses nothing', () => {
    const line = 'aé€😀'.repeat(1024 * 1024);
    const pieces = split(cutAt(Buffer.from(`${line}\n`), [1, 65_537, 1_000_003, 7_777_777]));
    const last = pieces.length - 1;
    expect(pieces.map(({ isCut }) => isCut)).toEqual(pieces.map((_, index) => index < last));
    const texts = pieces.map(({ text, isCut }) =>
      isCut && text.endsWith(CONTINUES) ? text.slice(0, -CONTINUES.length) : text,
    );
    expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(65_536);
    expect(texts.join('') === line).toBe(true);
  });

  it('cuts a long line of bytes that never form a character', () => {
    const pieces = split([Buffer.alloc(200_000, 0x80)]);
    expect(pieces.length).toBe(4);
    expect(textsOf(pieces).join('').replaceAll(CONTINUES, '').length).toBe(200_000);
  });
});
