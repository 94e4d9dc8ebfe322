import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/model/failure.ts';
import { causeChain, describeFailure, formatBytes } from '../../../src/observe/describe-failure.ts';

const SENTENCES: { readonly [K in Failure['kind']]: readonly [Failure, string] } = {
  'user-error': [
    {
      kind: 'user-error',
      name: 'TypeError',
      message: 'x is not a function\nsee below',
      frames: [],
    },
    'TypeError: x is not a function',
  ],
  exit: [{ kind: 'exit', code: 3 }, 'its process exited with code 3'],
  signal: [{ kind: 'signal', signal: 'SIGSEGV' }, 'its process was ended by SIGSEGV'],
  timeout: [{ kind: 'timeout', afterMs: 90_000 }, 'it ran longer than its timeout of 1 m 30 s'],
  'out-of-memory': [
    { kind: 'out-of-memory', limitBytes: 2 ** 30, usedBytes: 1.5 * 2 ** 30 },
    'out of memory: 1.1 GB limit, 1.6 GB used',
  ],
  spawn: [
    { kind: 'spawn', message: 'too many open files', errno: 'EMFILE' },
    'its process could not be started: too many open files; raise the limit (ulimit -n) or lower --max-workers',
  ],
  lost: [{ kind: 'lost', message: 'the host went away' }, 'it was lost: the host went away'],
  protocol: [
    { kind: 'protocol', message: 'no JSON' },
    'its process broke the rules of its channel: no JSON',
  ],
  cancelled: [{ kind: 'cancelled', reason: 'SIGINT' }, 'it was cancelled: SIGINT'],
  upstream: [{ kind: 'upstream', task: 'work/3' }, 'it needs work/3, which failed'],
};

describe('a failure', () => {
  it.each(Object.entries(SENTENCES))(
    'of the kind %s has its own sentence',
    (_, [failure, text]) => {
      expect(describeFailure(failure)).toBe(text);
    },
  );

  it('without a message names what was thrown', () => {
    const failure: Failure = { kind: 'user-error', name: 'Oops', message: '', frames: [] };
    expect(describeFailure(failure)).toBe('it threw Oops');
  });

  it('by an exit with code 0 says that this is too early', () => {
    expect(describeFailure({ kind: 'exit', code: 0 })).toBe(
      'its process exited before the step had ended',
    );
  });

  it.each([
    [
      {
        by: 'limit',
        limitBytes: 512e6,
        usedBytes: 530e6,
        curve: [60, 100, 200, 310, 400, 530].map((mb, n) => ({ atMs: n * 420, bytes: mb * 1e6 })),
      },
      'out of memory: 512 MB limit, 530 MB used, curve 100 → 310 → 530 MB in 2.1 s',
    ],
    [
      { by: 'heap', limitBytes: 512e6, usedBytes: 480e6 },
      "out of memory: V8's heap was full, 512 MB limit, 480 MB used",
    ],
    [{ by: 'heap' }, "out of memory: V8's heap was full, no limit"],
    [
      { by: 'kernel', usedBytes: 3.2e9 },
      'out of memory: the system killed its process, 3.2 GB used',
    ],
  ] as const)('for want of memory says who ended it: %o', (what, text) => {
    expect(describeFailure({ kind: 'out-of-memory', ...what })).toBe(text);
  });

  it('has a chain of causes, outermost first', () => {
    const cause = { kind: 'user-error', name: 'A', message: 'inner', frames: [] } as const;
    const failure: Failure = { kind: 'user-error', name: 'B', message: 'outer', frames: [], cause };
    expect(causeChain(failure).map(({ name }) => name)).toEqual(['B', 'A']);
    expect(causeChain({ kind: 'exit', code: 1 })).toEqual([]);
  });
});

describe('a number of bytes', () => {
  it.each([
    [0, '0 bytes'],
    [1_023, '1023 bytes'],
    [1_024, '1.0 KiB'],
    [5 * 2 ** 40, '5.0 TiB'],
    [2 ** 60, '1048576.0 TiB'],
  ])('%i reads %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
