import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseValueText } from '../../../src/worker/value-text.ts';

const placeOf = (text: string, format: 'json' | 'yaml') => {
  const parsed = parseValueText(text, format);
  return parsed.ok ? parsed.value : parsed.problems;
};

describe('JSON', () => {
  it.each<[string, [number, number], string]>([
    ['{"a": }', [1, 7], '"}" where a value should be'],
    ['{"a": 1,}', [1, 9], '"}" where a key in double quotes should be'],
    ['{a: 1}', [1, 2], '"a" where a key in double quotes or } should be'],
    ['{"a" 1}', [1, 6], '"1" where a colon should be'],
    ['[1 2]', [1, 4], '"2" where a comma or the closing bracket should be'],
    ['[1,]', [1, 4], '"]" where a value should be'],
    ['[1}', [1, 3], '"}" where a comma or the closing bracket should be'],
    ['{\n  "a": tru\n}', [2, 8], '"tru" where a value should be'],
    ['{\n  "a": 1\n', [3, 1], 'the end where a comma or the closing bracket should be'],
    ['1 2', [1, 3], '"2" where the end should be'],
    ['"open', [1, 1], '"\\"open" where a value should be'],
    ['01', [1, 1], '"01" where a value should be'],
    ['  ', [1, 1], 'it is empty'],
  ])('%j is refused at %j', (text, [line, column], message) => {
    expect(placeOf(text, 'json')).toEqual([{ message, line, column }]);
  });

  it('is read as JSON.parse reads it, whatever it says', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(placeOf(text, 'json')).toEqual(JSON.parse(text));
      }),
    );
  });

  it('with one character too many or too few is refused inside the text', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '}', ']', ',', ':'),
        (text, at, extra) => {
          const place = at % text.length;
          const broken =
            text.slice(0, place) + extra + text.slice(extra === '' ? place + 1 : place);
          const parsed = parseValueText(broken, 'json');
          if (parsed.ok) return;
          const [{ line, column } = { line: 0, column: 0 }] = parsed.problems;
          expect(line).toBe(1);
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual(broken.length + 1);
        },
      ),
    );
  });
});

describe('YAML', () => {
  it('tells all its mistakes, each with its place', () => {
    expect(placeOf('a: 1\na: 2\nb: !nothing x\n', 'yaml')).toEqual([
      { message: 'Map keys must be unique', line: 2, column: 1 },
      { message: 'Unresolved tag: !nothing', line: 3, column: 4 },
    ]);
  });

  it('is one document, and not empty', () => {
    expect(placeOf('a: 1\n---\nb: 2\n', 'yaml')).toMatchObject([{ line: 2 }]);
    expect(placeOf('\uFEFF \n', 'yaml')).toMatchObject([{ message: 'it is empty' }]);
  });

  it('with aliases that would fill the memory is refused', () => {
    const level = (name: string, of: string) => `${name}: &${name} [${`*${of},`.repeat(9)}]\n`;
    const text = ['b', 'c', 'd', 'e', 'f', 'g'].reduce(
      (sum, name, n) => sum + level(name, 'abcdef'[n] ?? ''),
      'a: &a [x]\n',
    );
    expect(placeOf(text, 'yaml')).toMatchObject([{ message: expect.stringContaining('alias') }]);
  });

  it('keeps the key __proto__ a key', () => {
    expect(Object.keys(placeOf('__proto__: 1\n', 'yaml') as object)).toEqual(['__proto__']);
  });
});
