import type { Duration } from '../../base/duration.ts';
import type { RetryPolicy } from '../../model/definition.ts';
import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

/** How often, and after what delays, a failed step is tried again. */
export interface RetryOptions {
  /** Retries after the first attempt; default 3. */
  readonly times?: number;
  readonly backoff?: BackoffOptions;
}

/** How long to wait before each retry. */
export interface BackoffOptions {
  /** Delay before the first retry; default `'2s'`. Milliseconds, or text such as `'500ms'`. */
  readonly initial?: Duration;
  /** Each delay is the one before times this; default 2; 1 keeps it constant. */
  readonly factor?: number;
  /** No delay is longer; default `'10m'`. */
  readonly max?: Duration;
  /** Draw each delay from 50–100 % of itself, so that many tasks do not retry at once; default true. */
  readonly jitter?: boolean;
}

/**
 * Tries a step again when an attempt fails; each attempt starts afresh from the step's inputs.
 * `retry(2)` is short for `retry({ times: 2 })`.
 *
 * @example @retry({ times: 2, backoff: { initial: '1s', factor: 2 } })
 */
export function retry(options: RetryOptions | number = {}): StepDecorator {
  // A compiler that meets `@retry` without parentheses passes more than options.
  requireOptions('retry', [...arguments]);
  return policyDecorator(readRetry(options));
}

export function readRetry(given: RetryOptions | number): PolicyPart {
  const problems = new OptionProblems('retry');
  const options: RetryOptions =
    typeof given === 'number' ? { times: given } : problems.requireObject(given);
  const backoff = problems.requireObject(options.backoff ?? {});
  const { initial = '2s', factor = 2, max = '10m', jitter = true } = backoff;
  const times = options.times ?? 3;
  problems.check(Number.isSafeInteger(times) && times >= 0, {
    message: `times is ${String(times)}`,
    hint: 'times is how often to try again: 0, 1, 2, …',
  });
  problems.check(Number.isFinite(factor) && factor >= 1, {
    message: `backoff.factor is ${String(factor)}`,
    hint: 'the factor is a number from 1 on; 1 keeps the delay constant',
  });
  problems.checkNames(options, ['times', 'backoff']);
  problems.checkNames(backoff, ['initial', 'factor', 'max', 'jitter']);
  const policy: RetryPolicy = {
    times,
    initialDelayMs: problems.readDurationMs('backoff.initial', initial),
    factor,
    maxDelayMs: problems.readDurationMs('backoff.max', max),
    jitter,
  };
  return {
    decorator: 'retry',
    text: `retry(times=${times}${describeBackoff(backoff)})`,
    policy: { retry: policy },
    problems: problems.found,
  };
}

function describeBackoff(backoff: BackoffOptions): string {
  return Object.entries(backoff)
    .map(([name, value]) => `, ${name}=${String(value)}`)
    .join('');
}
