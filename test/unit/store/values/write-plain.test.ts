import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writePlain } from '../../../../src/store/values/write-plain.ts';
import { INTEGERS_AT_EVERY_WIDTH, library } from './plain-samples.ts';

const scalar = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
);

describe('a number, a boolean or null', () => {
  it('is written as the CBOR library writes it', () => {
    fc.assert(
      fc.property(scalar, (value) => {
        expect(Buffer.from(writePlain(value) ?? [])).toEqual(library.encode(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ...INTEGERS_AT_EVERY_WIDTH,
    0.5,
    Number.POSITIVE_INFINITY,
    Number.MIN_VALUE,
    Number.MAX_VALUE,
  ])('is so at the edges: %d', (value) => {
    expect(Buffer.from(writePlain(value) ?? [])).toEqual(library.encode(value));
  });

  it.each([Number.NaN, -0, 'text', 1n, undefined, [], {}])('is not %s', (value) => {
    expect(writePlain(value)).toBeUndefined();
  });
});
