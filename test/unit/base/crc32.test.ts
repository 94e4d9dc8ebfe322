import { crc32 as nodeCrc32 } from 'node:zlib';
import fc from 'fast-check';
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

  it('is what Node has for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, start) => {
        expect(crc32(bytes, Math.min(start, bytes.length))).toBe(nodeCrc32(bytes.subarray(start)));
      }),
    );
  });

  it('can be taken over a part of the bytes', () => {
    expect(crc32(Buffer.from('x123456789y'), 1, 10)).toBe(0xcbf43926);
  });
});
