import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT, isFlowError } from '../model/errors.ts';
import { holdsFlow } from './holds-flow.ts';
import type { Output } from './output.ts';
import { asSystemLimit } from './system-limit.ts';

// Taken before a run: what an inline task throws where nobody awaits it must end the process, not the task.
const exit = process.exit.bind(process);
const STDERR = 2;
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/**
 * An error outside of all code that somebody awaits is a bug of ours: it is told with a request to
 * report it, and the process ends, because what it holds may be wrong. Its journal stays as it is, so
 * the run can be resumed; its children are gone before it (see the supervisor's exit handler). What was
 * still to be printed comes before it.
 */
export function watchBugs(outputs: readonly Output[]): void {
  process.on('uncaughtException', (error) => {
    const { text, exitCode } = report(asSystemLimit(error));
    for (const output of outputs) output.release();
    try {
      writeSync(STDERR, text);
    } catch {
      // Nobody reads it; the exit code says it too.
    }
    exit(exitCode);
  });
}

/** With what is loaded already: the reason may be that no more files can be opened. */
function report(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (isFlowError(error)) {
    const { message, hint = '', exitCode } = error;
    return { text: `error: ${message}\nhint: ${hint}\n`, exitCode };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (holdsFlow() && isOfFlow(text)) {
    return {
      text: `error: Code of the flow threw outside of what its step awaits.\n${text}\nhint: await it in the step; without --isolation inline only its task fails; the run can be resumed\n`,
      exitCode: EXIT.failed,
    };
  }
  return {
    text: `error: This is a bug in Millrace.\n${text}\nhint: please report it, with the text above; a run that this ended can be resumed\n`,
    exitCode: EXIT.bug,
  };
}

/** By the first frame that is not Node's own. */
function isOfFlow(stack: string): boolean {
  const frame = stack
    .split('\n')
    .find((line) => /^\s+at .*[(/]\S*\//.test(line) && !line.includes('node:'));
  return (
    frame !== undefined &&
    !['dist/', 'src/', 'node_modules/'].some((folder) => frame.includes(PACKAGE + folder))
  );
}
