import { describe, expect, it } from 'vitest';
import { formatDurationMs, parseDurationMs } from '../../../src/base/duration.ts';

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    [1_500, 1_500],
    [0, 0],
  ])('%s is %d ms', (duration, ms) => expect(parseDurationMs(duration)).toBe(ms));

  it.each(['', '5', 's', '5 s', '5x', '-5s', '5s!', Number.NaN, -1, Number.POSITIVE_INFINITY])(
    '%s is no duration',
    (duration) => expect(parseDurationMs(duration)).toBeUndefined(),
  );

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [3_200, '3.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 m 00 s'],
    [245_000, '4 m 05 s'],
    [7_800_000, '2 h 10 m'],
  ])('%d ms reads %s', (ms, text) => expect(formatDurationMs(ms)).toBe(text));
});
