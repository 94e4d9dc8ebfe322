import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { padText, textWidth, truncateText } from '../../../src/base/text-width.ts';
import { stripControls } from '../../../src/observe/console/strip-controls.ts';

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['한글', 4],
    ['👍', 2],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['✓ done', 6],
    ['a\u200bb', 2],
  ])('of %j is %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('never exceeds what it is cut to', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        expect(textWidth(truncateText(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('shows that something was cut away', () => {
    expect(truncateText('日本語', 5)).toBe('日本…');
    expect(truncateText('short', 5)).toBe('short');
  });

  it('is what padding fills up', () => {
    expect(padText('日', 4)).toBe('日  ');
  });
});

describe('a line of a task', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b[2Jclear\u0007', 'clear'],
    ['\rover', 'over'],
    ['a\tb', 'a    b'],
    ['\u009b1Aup', 'up'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b(Bcharset', 'Bcharset'],
    ['\u001b', ''],
    ['日本 ✓', '日本 ✓'],
  ])('loses what could move the cursor or change a colour: %j', (line, plain) => {
    expect(stripControls(line)).toBe(plain);
  });
});
