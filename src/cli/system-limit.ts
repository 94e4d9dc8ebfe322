import { EXIT, FlowError, isFlowError } from '../model/errors.ts';
import { systemLimitOf } from '../model/system-limits.ts';

/** An error of the system that says what it lacks, as a sentence; else as it was. */
export function asSystemLimit(error: unknown): unknown {
  if (isFlowError(error) || !(error instanceof Error) || !('code' in error)) return error;
  const limit = systemLimitOf(String(error.code));
  if (limit === undefined) return error;
  return new FlowError(`This cannot go on: ${limit.what} (${error.message}).`, {
    code: 'SYSTEM_LIMIT',
    hint: `${limit.remedy}; a run that this ended can be resumed`,
    exitCode: EXIT.failed,
    cause: error,
  });
}
