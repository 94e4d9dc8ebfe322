import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../../../src/base/json.ts';
import { stableJson } from '../../../src/base/stable-json.ts';

it('gives one text for one value, whatever order its keys came in', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).toReversed());
      expect(stableJson(reversed as Json)).toBe(stableJson(object as Json));
    }),
  );
});

it('keeps the order of lists and the value itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(stableJson(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
