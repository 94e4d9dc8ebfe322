import { writeSync } from 'node:fs';
import { EXIT, isFlowError } from '../model/errors.ts';
import { asSystemLimit } from './system-limit.ts';

const STDERR = 2;

/**
 * An error outside of all code that somebody awaits is a bug of ours: it is told with a request to
 * report it, and the process ends, because what it holds may be wrong. Its journal stays as it is, so
 * the run can be resumed; its children are gone before it (see the supervisor's exit handler).
 */
export function watchBugs(): void {
  process.on('uncaughtException', (error) => {
    const { text, exitCode } = report(asSystemLimit(error));
    try {
      writeSync(STDERR, text);
    } catch {
      // Nobody reads it; the exit code says it too.
    }
    process.exit(exitCode);
  });
}

/** With what is loaded already: the reason may be that no more files can be opened. */
function report(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (isFlowError(error)) {
    const { message, hint = '', exitCode } = error;
    return { text: `error: ${message}\nhint: ${hint}\n`, exitCode };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    text: `error: This is a bug in Millrace.\n${text}\nhint: please report it, with the text above; a run that this ended can be resumed\n`,
    exitCode: EXIT.bug,
  };
}
