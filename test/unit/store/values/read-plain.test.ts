import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOT_PLAIN, readPlain, readPlainElement } from '../../../../src/store/values/read-plain.ts';
import { library } from './plain-samples.ts';

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.integer({ min: -(2 ** 32), max: 2 ** 32 - 1 }),
    fc.double(),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 300 }),
  ),
})).value;

describe('what needs no CBOR library', () => {
  it('is read as the library would read it', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const bytes = library.encode(value);
        const read = readPlain(bytes);
        if (read !== NOT_PLAIN) expect(read).toEqual(library.decode(bytes));
      }),
    );
  });

  it.each([
    ['a number', 41],
    ['a large number', 2 ** 32 - 1],
    ['a negative one', -7],
    ['a fraction', 0.1],
    ['a text', 'häß😀'],
    ['a long text', 'x'.repeat(70_000)],
    ['a boolean', true],
    ['nothing', null],
    ['a page of items', [Buffer.from([1]), Buffer.from([2, 3]), 'key']],
  ])('is %s', (_, value) => {
    expect(readPlain(library.encode(value))).toEqual(value);
  });

  it.each([
    ['an object', library.encode({ a: 1 })],
    ['an array with one', library.encode([1, { a: 1 }])],
    ['an array in an array', library.encode([[1]])],
    ['a date', library.encode(new Date(0))],
    ['an integer of more than 32 bits', Buffer.from('1b0000010000000000', 'hex')],
    ['a text without a given length', Buffer.from('7f6161ff', 'hex')],
  ])('is not %s', (_, bytes) => {
    expect(readPlain(bytes)).toBe(NOT_PLAIN);
  });

  it('is nothing that is cut off, or goes on', () => {
    const whole = library.encode(['text', 0.5, Buffer.from([1, 2, 3]), 70_000]);
    for (let end = 0; end < whole.length; end += 1) {
      expect(readPlain(whole.subarray(0, end))).toBe(NOT_PLAIN);
    }
    expect(readPlain(Buffer.concat([whole, Buffer.of(0)]))).toBe(NOT_PLAIN);
  });

  it('is found in a page without the rest of it', () => {
    const items = [Buffer.from([1]), Buffer.alloc(300, 2), Buffer.of(), Buffer.alloc(70_000, 3)];
    const page = library.encode([...items, 'a key']);
    for (const [index, item] of items.entries()) {
      expect(Buffer.from(readPlainElement(page, index) ?? [])).toEqual(item);
    }
    for (const index of [4, 5]) expect(readPlainElement(page, index)).toBeUndefined();
    expect(readPlainElement(library.encode({ a: 1 }), 0)).toBeUndefined();
    expect(readPlainElement(page.subarray(0, 200), 1)).toBeUndefined();
  });
});
