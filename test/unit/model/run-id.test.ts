import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRunId, isRunId, runIdTime } from '../../../src/model/run-id.ts';

const anyTime = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2300, 0) });
const anyBytes = fc.uint8Array({ minLength: 4, maxLength: 4 });

describe('a run id', () => {
  it('has 13 characters, starts with a digit, and is recognised', () => {
    fc.assert(
      fc.property(anyTime, anyBytes, (timeMs, bytes) => {
        const id = createRunId(timeMs, bytes);
        expect(id).toMatch(/^[0-9][0-9a-z]{12}$/);
        expect(isRunId(id)).toBe(true);
      }),
    );
  });

  it('tells when the run was made', () => {
    fc.assert(
      fc.property(anyTime, anyBytes, (timeMs, bytes) => {
        expect(runIdTime(createRunId(timeMs, bytes))).toBe(timeMs);
      }),
    );
  });

  it('sorts by time as text', () => {
    fc.assert(
      fc.property(anyTime, anyTime, anyBytes, (a, b, bytes) => {
        fc.pre(a < b);
        expect(createRunId(a, new Uint8Array(4).fill(255)) < createRunId(b, bytes)).toBe(true);
      }),
    );
  });

  it.each([
    '',
    '1hf7yat00pae',
    '1hf7yat00pae55',
    'ahf7yat00pae5',
    '1HF7YAT00PAE5',
    '1hf7yat00pail',
  ])('is not %j', (text) => {
    expect(isRunId(text)).toBe(false);
  });
});
