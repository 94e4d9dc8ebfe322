import type { Awaitable } from '../base/awaitable.ts';
import type { Failure } from '../model/failure.ts';
import type { AttemptOutcome } from '../model/ports/executor.ts';
import type { TaskOutput } from './task-output.ts';

/** What an attempt came to once its output is in its files: without all of it nothing has succeeded. */
export function loggedOutcome(
  outcome: AttemptOutcome,
  output: TaskOutput,
): Awaitable<AttemptOutcome> {
  const closed = output.close();
  return closed instanceof Promise ? closed.then((failure) => judge(outcome, failure)) : outcome;
}

function judge(outcome: AttemptOutcome, failure: Failure | undefined): AttemptOutcome {
  if (failure === undefined || outcome.kind === 'failed') return outcome;
  const { result, usage } = outcome;
  return { kind: 'failed', failed: { failure, changes: result.changes }, usage };
}
