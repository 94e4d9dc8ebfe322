import type { Duration } from '../../base/duration.ts';
import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

/**
 * Ends an attempt that takes longer: `current.signal` fires, then the process gets TERM, then KILL.
 * A timeout is a failure like others: it is retried and caught.
 *
 * @param duration Milliseconds, or text such as `'30s'`, `'5m'`, `'1h30m'`; more than 0.
 * @example @timeout('5m')
 */
export function timeout(duration: Duration): StepDecorator {
  requireOptions('timeout', [...arguments]);
  return policyDecorator(readTimeout(duration));
}

export function readTimeout(duration: Duration): PolicyPart {
  const problems = new OptionProblems('timeout');
  const timeoutMs = problems.readDurationMs('the time', duration);
  problems.check(timeoutMs > 0 || problems.found.length > 0, {
    message: 'the time is 0, so that no attempt could succeed',
    hint: 'leave the decorator out for no limit',
  });
  return {
    decorator: 'timeout',
    text: `timeout(${String(duration)})`,
    policy: { timeoutMs },
    problems: problems.found,
  };
}
