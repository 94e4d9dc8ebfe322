import { describe, expect, it } from 'vitest';
import { GivenOptions } from '../../../src/cli/given-options.ts';

const given = (text: string) => new GivenOptions(new Map([['it', [text]]]));

describe('an option', () => {
  it('that is absent has no value', () => {
    const none = new GivenOptions(new Map());
    expect(none.flag('it')).toBe(false);
    expect(none.text('it')).toBeUndefined();
    expect(none.texts('it')).toEqual([]);
    expect(none.count('it')).toBeUndefined();
    expect(none.durationMs('it')).toBeUndefined();
    expect(none.choice('it', ['a'])).toBeUndefined();
  });

  it('that counts is a whole number from 1', () => {
    expect(given('12').count('it')).toBe(12);
    for (const text of ['0', '-1', '1.5', 'two', '', '1e3', '99999999999999999999']) {
      expect(() => given(text).count('it')).toThrow(`--it cannot be "${text}"`);
    }
  });

  it('that lasts is a duration', () => {
    expect(given('1m30s').durationMs('it')).toBe(90_000);
    expect(() => given('soon').durationMs('it')).toThrow('--it cannot be "soon"');
  });

  it('that says since when is a time ago, or a date: in UTC, unless it names a zone', () => {
    const since = (text: string) => given(text).since('it')?.toISOString();
    const before = Date.now() - 7_200_000;
    const ago = given('2h').since('it')?.getTime() ?? 0;
    expect(ago).toBeGreaterThanOrEqual(before);
    expect(ago).toBeLessThanOrEqual(Date.now() - 7_200_000);
    expect(since('2026-11-20')).toBe('2026-11-20T00:00:00.000Z');
    expect(since('2026-11-20T08:30')).toBe('2026-11-20T08:30:00.000Z');
    expect(since('2026-11-20T08:30:01.5Z')).toBe('2026-11-20T08:30:01.500Z');
    expect(since('2026-11-20T08:30+02:00')).toBe('2026-11-20T06:30:00.000Z');
    for (const text of ['soon', '2026-02-31', '2026-13-01', '20.11.2026', '2026-11-20T25:00', '']) {
      expect(() => since(text)).toThrow(`--it cannot be "${text}"`);
    }
  });

  it('that chooses names one of its choices, and suggests', () => {
    expect(given('kill').choice('it', ['finish', 'kill'])).toBe('kill');
    expect(() => given('kil').choice('it', ['finish', 'kill'])).toThrow(
      expect.objectContaining({ hint: 'did you mean "kill"?', exitCode: 2 }),
    );
    expect(() => given('other').choice('it', ['finish', 'kill'])).toThrow(
      expect.objectContaining({ hint: 'give one of finish, kill' }),
    );
  });
});
