import { describe, expect, it } from 'vitest';
import { applyTagChanges, checkTags } from '../../../src/model/tags.ts';

describe('tags', () => {
  it('may be any text on one line, and count once', () => {
    expect(checkTags(['nightly', 'ü ber', 'team:data', 'nightly'])).toEqual([
      'nightly',
      'ü ber',
      'team:data',
    ]);
  });

  it.each(['', '  ', 'a\nb', 'x'.repeat(501), '\ud800', 'user:bob', 'flow:Other'])(
    'are not %j',
    (tag) => expect(() => checkTags(['ok', tag])).toThrow(/^the tag "/),
  );

  it('are refused with every bad one named', () => {
    expect(() => checkTags(['', 'node:1'])).toThrow(
      'the tag "" is empty; the tag "node:1" is one of the system\'s, which do not change',
    );
  });

  it('are at most 50', () => {
    const tags = Array.from({ length: 51 }, (_, n) => `t${n}`);
    expect(() => checkTags(tags)).toThrow('at most 50 tags');
    expect(checkTags(tags.slice(1))).toHaveLength(50);
  });

  it('change in the order of the changes, removals before additions', () => {
    const changes = [
      { at: 1, add: ['b', 'a'] },
      { at: 2, remove: ['a'], add: ['a', 'c'] },
    ];
    expect(applyTagChanges(['a'], changes)).toEqual(['b', 'a', 'c']);
    expect(applyTagChanges(['a'], [...changes, { at: 3, clear: true, add: ['z'] }])).toEqual(['z']);
  });
});
