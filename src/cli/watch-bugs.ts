import { writeSync } from 'node:fs';
import { EXIT } from '../model/errors.ts';

const STDERR = 2;

/**
 * An error outside of all code that somebody awaits is a bug of ours: it is told with a request to
 * report it, and the process ends, because what it holds may be wrong. Its journal stays as it is, so
 * the run can be resumed; its children are gone before it (see the supervisor's exit handler).
 */
export function watchBugs(): void {
  process.on('uncaughtException', (error) => {
    try {
      writeSync(STDERR, report(error));
    } catch {
      // Nobody reads it; the exit code says it too.
    }
    process.exit(EXIT.bug);
  });
}

function report(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error: This is a bug in Millrace.\n${text}\nhint: please report it, with the text above; a run that this ended can be resumed\n`;
}
