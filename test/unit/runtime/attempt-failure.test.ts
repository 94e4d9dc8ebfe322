import { describe, expect, it } from 'vitest';
import { failureOfExit } from '../../../src/runtime/attempt-failure.ts';

describe('a child that ended without a result failed', () => {
  it.each([
    ['of its exit code', { code: 3, signal: null }, { kind: 'exit', code: 3 }],
    ['of exit code 0 too', { code: 0, signal: null }, { kind: 'exit', code: 0 }],
    [
      'of a signal',
      { code: null, signal: 'SIGSEGV' as const },
      { kind: 'signal', signal: 'SIGSEGV' },
    ],
    [
      'of its spawn',
      { code: null, signal: null, spawnError: { code: 'EAGAIN', message: 'no more processes' } },
      { kind: 'spawn', errno: 'EAGAIN', message: 'no more processes' },
    ],
  ])('%s', (_, exit, failure) =>
    expect(failureOfExit(exit, undefined, undefined)).toEqual(failure),
  );

  it('of what we ended it for, whatever signal took it', () => {
    const timeout = { kind: 'timeout', afterMs: 5 } as const;
    expect(failureOfExit({ code: null, signal: 'SIGKILL' }, timeout, 'x')).toBe(timeout);
  });

  it('of what it forged, if it did', () => {
    expect(failureOfExit({ code: 0, signal: null }, undefined, 'nonsense').kind).toBe('protocol');
  });
});
