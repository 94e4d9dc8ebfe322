import { EXIT, FlowError, isFlowError } from '../model/errors.ts';

const LIMITS: { readonly [errno: string]: readonly [what: string, remedy: string] | undefined } = {
  EMFILE: [
    'this process may not open more files',
    'raise the limit (ulimit -n) or lower --max-workers',
  ],
  ENFILE: [
    'the system has no more room for open files',
    'close other programs, or lower --max-workers',
  ],
  EAGAIN: [
    'the system starts no more processes',
    'raise the limit (ulimit -u) or lower --max-workers',
  ],
  ENOMEM: ['the system has no more memory', 'close other programs, or lower --max-workers'],
  ENOSPC: ['no space is left on the disk', 'make room: the temporary folder counts, too'],
};

/** An error of the system that says what it lacks, as a sentence; else as it was. */
export function asSystemLimit(error: unknown): unknown {
  if (isFlowError(error) || !(error instanceof Error) || !('code' in error)) return error;
  const [what, remedy] = LIMITS[String(error.code)] ?? [];
  if (what === undefined || remedy === undefined) return error;
  return new FlowError(`This cannot go on: ${what} (${error.message}).`, {
    code: 'SYSTEM_LIMIT',
    hint: `${remedy}; a run that this ended can be resumed`,
    exitCode: EXIT.failed,
    cause: error,
  });
}
