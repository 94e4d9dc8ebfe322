import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from '../../../src/process/child/message-frames.ts';

function readAll(chunks: readonly Buffer[], maxBytes?: number): readonly unknown[] {
  const messages: unknown[] = [];
  const reader = new FrameReader((message) => messages.push(message), maxBytes);
  for (const chunk of chunks) reader.push(chunk);
  return messages;
}

describe('message frames', () => {
  it('bring every JSON value across, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), (values, size) => {
        const bytes = Buffer.from(values.map(encodeFrame).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        expect(readAll(chunks)).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it('leave memory to be read into again once no message is begun', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 40 }), (values, size) => {
        const bytes = Buffer.from(values.map(encodeFrame).join(''));
        const messages: unknown[] = [];
        const reader = new FrameReader((message) => messages.push(message));
        let memory = Buffer.alloc(size);
        for (let at = 0; at < bytes.length; at += size) {
          if (!reader.isEmpty) memory = Buffer.alloc(size);
          reader.push(memory.subarray(0, bytes.copy(memory, 0, at, at + size)));
        }
        expect(messages).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it('give bytes that are no message as undefined, and go on after them', () => {
    expect(readAll([Buffer.from('hello\n{"a":1}\n')])).toEqual([undefined, { a: 1 }]);
  });

  it('drop what is longer than the limit, and go on after it', () => {
    const long = JSON.stringify('x'.repeat(100));
    expect(
      readAll([Buffer.from(long.slice(0, 60)), Buffer.from(`${long.slice(60)}\n"y"\n`)], 50),
    ).toEqual([undefined, 'y']);
  });
});
