import { describe, expect, it } from 'vitest';
import { didYouMean, suggestName } from '../../../src/base/suggest.ts';

describe('a suggestion', () => {
  it.each([
    ['strat', 'start'],
    ['maxWorker', 'maxWorkers'],
    ['EDN', 'end'],
  ])('for %s is %s', (typed, meant) =>
    expect(suggestName(typed, ['start', 'end', 'maxWorkers'])).toBe(meant),
  );

  it('is not made for something else altogether', () =>
    expect(suggestName('banana', ['start', 'end'])).toBeUndefined());

  it('takes the nearest of several', () =>
    expect(didYouMean('work1', ['word', 'work'])).toBe('did you mean "work"?'));
});
