import { describe, expect, it } from 'vitest';
import { plainJson } from '../../../src/cli/plain-json.ts';

describe('an artifact as JSON', () => {
  it.each<[string, unknown, unknown]>([
    ['plain data', { a: [1, 'x', true, null] }, { a: [1, 'x', true, null] }],
    ['numbers that JSON lacks', [Number.NaN, Number.POSITIVE_INFINITY], ['NaN', 'Infinity']],
    ['a bigint', 12n, '12'],
    ['undefined', undefined, null],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid date', new Date(Number.NaN), null],
    ['a URL', new URL('http://a/b'), 'http://a/b'],
    ['a regular expression', /x/g, '/x/g'],
    ['a map', new Map([[{ k: 1 }, 2]]), { type: 'Map', entries: [[{ k: 1 }, 2]] }],
    ['a set', new Set([1n]), { type: 'Set', values: ['1'] }],
    [
      'an error with its cause',
      new TypeError('outer', { cause: 'inner' }),
      { type: 'Error', name: 'TypeError', message: 'outer', cause: 'inner' },
    ],
    ['bytes', new Uint8Array([1, 2]).subarray(1), { type: 'Uint8Array', base64: 'Ag==' }],
    ['a buffer', Buffer.from('a'), { type: 'Buffer', base64: 'YQ==' }],
    ['an array buffer', new ArrayBuffer(1), { type: 'ArrayBuffer', base64: 'AA==' }],
  ])('keeps %s', (_, value, json) => {
    expect(plainJson(value)).toEqual(json);
  });

  it('ends at a cycle, but shows a value twice that is there twice', () => {
    const shared = { x: 1 };
    const value: Record<string, unknown> = { a: shared, b: shared };
    value['self'] = value;
    expect(plainJson(value)).toEqual({ a: { x: 1 }, b: { x: 1 }, self: '[Circular]' });
  });

  it('keeps keys that mean something to objects', () => {
    expect(JSON.stringify(plainJson(JSON.parse('{"__proto__":1}')))).toBe('{"__proto__":1}');
  });
});
