import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src/base/crc32.ts';

describe('crc32', () => {
  it.each([
    ['', 0],
    ['123456789', 0xcbf43926],
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('has the known value for %j', (text, value) => {
    expect(crc32(Buffer.from(text))).toBe(value);
  });

  it('can be taken over a part of the bytes', () => {
    expect(crc32(Buffer.from('x123456789y'), 1, 10)).toBe(0xcbf43926);
  });
});
