import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatPosition,
  type Level,
  parsePosition,
  parseTaskPath,
  taskPath,
} from '../../../src/model/ids.ts';

const level: fc.Arbitrary<Level> = fc.oneof(
  fc.record({ kind: fc.constant('item' as const), index: fc.nat() }),
  fc.record({ kind: fc.constant('round' as const), round: fc.nat() }),
);

describe('a position', () => {
  it('reads back as the levels that it was made of', () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 5 }), (levels) => {
        expect(parsePosition(formatPosition(levels), levels.length)).toEqual(levels);
      }),
    );
  });

  it('differs wherever the levels differ', () => {
    fc.assert(
      fc.property(fc.array(level, { minLength: 1 }), fc.array(level, { minLength: 1 }), (a, b) => {
        expect(formatPosition(a) === formatPosition(b)).toBe(
          JSON.stringify(a) === JSON.stringify(b),
        );
      }),
    );
  });

  it.each(['', 'r', '01', '1.', '-1', '1.x', '0.0.0'])('%j is none of depth 2', (text) =>
    expect(parsePosition(text, 2)).toBeUndefined(),
  );

  it('makes a task path with its step, and back', () => {
    const id = { step: 'work', position: formatPosition([{ kind: 'item', index: 3 }]) };
    expect(taskPath(id)).toBe('work/3');
    expect(parseTaskPath(taskPath(id))).toEqual(id);
  });
});
