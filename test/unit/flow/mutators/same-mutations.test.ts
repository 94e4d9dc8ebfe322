import { expect, it } from 'vitest';
import { requireSameMutations } from '../../../../src/flow/mutators/same-mutations.ts';

it('is content with the same, in whatever order', () => {
  expect(() => requireSameMutations('Flow', { a: '1', b: '2' }, { b: '2', a: '1' })).not.toThrow();
});

it('names what was made otherwise, here alone, or there alone', () => {
  const here = { same: '1', other: '2', mine: '3' };
  const there = { same: '1', other: '4', yours: '5' };
  expect(() => requireSameMutations('Flow', here, there)).toThrow(
    expect.objectContaining({
      code: 'MUTATORS_DISAGREE',
      message: expect.stringContaining('of Flow made something else in this process'),
    }),
  );
  expect(() => requireSameMutations('Flow', here, there)).toThrow(/: other, yours, mine$/);
});

it('names only some of many', () => {
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`the step "s${n}"`, '1']));
  expect(() => requireSameMutations('Flow', many, {})).toThrow(/"s4" and 3 more$/);
});
