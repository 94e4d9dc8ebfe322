import type { Failure } from '../model/failure.ts';
import type { ChildExit } from '../process/child-process.ts';

/**
 * Why a child that ended without a result ended. The first reason that was known wins: a child that
 * we stopped for its timeout died of the timeout, whatever signal took it.
 */
export function failureOfExit(
  exit: ChildExit,
  known: Failure | undefined,
  forged: string | undefined,
): Failure {
  if (known !== undefined) return known;
  if (exit.spawnError !== undefined) {
    return {
      kind: 'spawn',
      message: exit.spawnError.message,
      errno: exit.spawnError.code ?? 'UNKNOWN',
    };
  }
  if (exit.signal !== null) return { kind: 'signal', signal: exit.signal };
  if (forged !== undefined)
    return { kind: 'protocol', message: `the task's process sent ${forged}` };
  return { kind: 'exit', code: exit.code ?? 0 };
}

/** What a task that has to stop is told. */
export function stopReason(failure: Failure): string {
  if (failure.kind === 'timeout') return `timed out after ${failure.afterMs} ms`;
  if (failure.kind === 'user-error') return failure.message;
  return failure.kind === 'cancelled' ? failure.reason : failure.kind;
}
