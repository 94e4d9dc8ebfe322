import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RetryPolicy, StepPolicy } from '../../../../src/model/definition.ts';
import type { Failure } from '../../../../src/model/failure.ts';
import type { GraphTransition } from '../../../../src/model/graph.ts';
import { ROOT_POSITION, type RunId } from '../../../../src/model/ids.ts';
import {
  decideAfterFailure,
  MAX_PLACEMENTS,
} from '../../../../src/runtime/scheduler/after-failure.ts';
import { nodeOf } from './graphs.ts';

const EXIT: Failure = { kind: 'exit', code: 1 };
const RETRY: RetryPolicy = {
  times: 3,
  initialDelayMs: 100,
  factor: 2,
  maxDelayMs: 300,
  jitter: false,
};

const FOREACH: GraphTransition = { kind: 'foreach', to: 'item' };
const SWITCH: GraphTransition = {
  kind: 'switch',
  cases: [
    { label: 'small', to: 'little' },
    { label: 'big', to: 'much' },
  ],
};

interface Case {
  readonly failure?: Failure;
  readonly policy?: StepPolicy;
  readonly transition?: GraphTransition;
  readonly attempt?: number;
  readonly placements?: number;
  readonly run?: string;
}

function decide(given: Case) {
  const { failure = EXIT, policy = {}, attempt = 1, placements = 0, run = '1abc' } = given;
  const transition = given.transition ?? { kind: 'next', to: ['end'] };
  return decideAfterFailure({
    run: run as RunId,
    task: { step: 'work', position: ROOT_POSITION },
    node: nodeOf('work', { transition, policy }),
    failure,
    attempt,
    placements,
  });
}

describe('what follows a failed attempt', () => {
  it('is the end of the task when the step has no policy', () => {
    expect(decide({})).toEqual({ kind: 'give-up' });
  });

  it('is a retry while retries are left, each delay the one before times the factor, to a limit', () => {
    const decisions = [1, 2, 3, 4].map((attempt) => decide({ policy: { retry: RETRY }, attempt }));
    expect(decisions).toEqual([
      { kind: 'retry', delayMs: 100 },
      { kind: 'retry', delayMs: 200 },
      { kind: 'retry', delayMs: 300 },
      { kind: 'give-up' },
    ]);
  });

  it('draws a jittered delay from 50 to 100 % of it, the same for the same run, task and attempt', () => {
    const policy = { retry: { ...RETRY, jitter: true } };
    const delays = new Set<number>();
    fc.assert(
      fc.property(fc.string(), (run) => {
        const decision = decide({ policy, run });
        expect(decide({ policy, run })).toEqual(decision);
        const delayMs = decision.kind === 'retry' ? decision.delayMs : Number.NaN;
        delays.add(delayMs);
        expect(delayMs).toBeGreaterThanOrEqual(50);
        expect(delayMs).toBeLessThanOrEqual(100);
      }),
    );
    expect(delays.size).toBeGreaterThan(5);
  });

  it('never retries nor catches a cancelled attempt', () => {
    const policy = { retry: RETRY, catch: { field: 'error' } };
    const failure: Failure = { kind: 'cancelled', reason: 'SIGINT' };
    expect(decide({ policy, failure })).toEqual({ kind: 'give-up' });
  });

  it.each([
    { kind: 'spawn', message: 'EAGAIN' },
    { kind: 'lost', message: 'the spare died' },
  ] as const)(
    'places an attempt again after $kind, three times, without counting it',
    (failure) => {
      expect(decide({ failure, placements: MAX_PLACEMENTS - 1 })).toEqual({ kind: 'replace' });
      expect(decide({ failure, placements: MAX_PLACEMENTS })).toEqual({ kind: 'give-up' });
      const policy = { retry: RETRY };
      expect(decide({ failure, placements: MAX_PLACEMENTS, policy }).kind).toBe('retry');
    },
  );

  it('is caught when all retries are used up, and goes on as the text of the step says', () => {
    const policy = { retry: { ...RETRY, times: 1 }, catch: { field: 'error' } };
    expect(decide({ policy }).kind).toBe('retry');
    expect(decide({ policy, attempt: 2 })).toEqual({
      kind: 'catch',
      field: 'error',
      transition: { kind: 'next', to: ['end'] },
    });
    expect(decide({ policy, attempt: 2, transition: { kind: 'end' } }).kind).toBe('catch');
  });

  it('cannot be caught where nothing says how to go on', () => {
    const policy = { catch: { field: 'error' } };
    expect(decide({ policy, transition: FOREACH })).toEqual({ kind: 'give-up' });
    expect(decide({ policy, transition: SWITCH })).toEqual({ kind: 'give-up' });
  });

  it('takes the case of a switch, and no items of a foreach, that its policy names', () => {
    const policy = { catch: { field: 'error', take: 'big', items: [] as const } };
    expect(decide({ policy, transition: SWITCH })).toMatchObject({
      kind: 'catch',
      transition: { kind: 'switch', to: 'much', label: 'big' },
    });
    expect(decide({ policy, transition: FOREACH })).toMatchObject({
      kind: 'catch',
      transition: { kind: 'foreach', to: 'item', size: 0, pages: [] },
    });
  });
});
