import { expect } from 'vitest';
import type { Behaviour } from '../behaviour.ts';

const MAKE = `({
  map: new Map<unknown, unknown>([['a', 1], [2, new Set(['b'])]]),
  date: new Date(0),
  big: 2n ** 70n,
  bytes: new Uint8Array([1, 2, 255]),
  numbers: [Number.NaN, -0, Number.POSITIVE_INFINITY],
  nothing: undefined,
  pattern: /x+/gi,
  address: new URL('https://example.org/ü'),
})`;

const made = (): unknown => ({
  map: new Map<unknown, unknown>([
    ['a', 1],
    [2, new Set(['b'])],
  ]),
  date: new Date(0),
  big: 2n ** 70n,
  bytes: new Uint8Array([1, 2, 255]),
  numbers: [Number.NaN, -0, Number.POSITIVE_INFINITY],
  nothing: undefined,
  pattern: /x+/gi,
  address: new URL('https://example.org/ü'),
});

/** Any kind of value comes to every task as it was; to read it is not to change it, so joins have it too. */
export const kindsOfValues: Behaviour = {
  name: 'kinds of values',
  prelude: ["import { isDeepStrictEqual } from 'node:util';", `const made = () => ${MAKE};`].join(
    '\n',
  ),
  fields: { kinds: null, isSame: false },
  code: (step) => [
    ...(step.name === 'start' ? ['this.kinds = made();'] : []),
    'this.isSame = isDeepStrictEqual(this.kinds, made());',
  ],
  effect: (table, { step }) => {
    if (step.name === 'start') table.set('kinds', made());
    table.set('isSame', true);
  },
  check: async (outing) => {
    for (const path of outing.tasks.keys()) {
      expect(await outing.left(path, ['kinds', 'isSame']), path).toEqual({
        kinds: made(),
        isSame: true,
      });
    }
  },
};
