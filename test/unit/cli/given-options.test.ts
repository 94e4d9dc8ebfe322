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
