import { FlowError } from './errors.ts';
import { isPosition, type Position } from './ids.ts';
import { isRunId } from './run-id.ts';

/**
 * What a person writes to name a thing in the store: `Flow/run/step/position/artifact`, any number of
 * parts from the left; the flow may be left out. A run part starts with a digit or is a word for a
 * run, a flow name starts with a letter: so the two cannot be confused.
 */
export interface Pathspec {
  /** `Flow/run`, `run`, `latest` or `Flow/latest`: see the client's `findRun`. */
  readonly run: string;
  readonly step?: string;
  readonly position?: Position;
  readonly artifact?: string;
}

/** What is left when the run is named elsewhere: `step/position/artifact`. */
export type TaskPathspec = Omit<Pathspec, 'run'>;

/** Throws FlowError `PATHSPEC_INVALID`. `flows` are those of the store: they tell a flow from a run. */
export function parsePathspec(text: string, flows: Iterable<string>): Pathspec {
  const parts = text.split('/');
  if (parts.includes('')) throw invalid(text);
  const runParts = beginsWithFlow(parts, new Set(flows)) ? 2 : 1;
  const run = parts.slice(0, runParts).join('/');
  return { run, ...taskPart(text, parts.slice(runParts)) };
}

/** The end of a run id may begin with a letter too; then only the store knows. */
function beginsWithFlow(
  [first = '', second]: readonly string[],
  flows: ReadonlySet<string>,
): boolean {
  if (second === undefined || first === 'latest') return false;
  if (flows.has(first)) return true;
  return (
    /^[A-Za-z]/.test(first) && (/[A-Z_]/.test(first) || second === 'latest' || isRunId(second))
  );
}

/** `step/position` or `step/position/artifact`. Throws FlowError `PATHSPEC_INVALID`. */
export function parseTaskPathspec(text: string): TaskPathspec {
  return taskPart(text, text.split('/'));
}

function taskPart(text: string, parts: readonly string[]): TaskPathspec {
  const [step, position, artifact, ...more] = parts;
  if (more.length > 0 || parts.includes('')) throw invalid(text);
  if (position !== undefined && !isPosition(position)) throw notAPosition(text, position);
  return {
    ...(step === undefined ? {} : { step }),
    ...(position === undefined ? {} : { position }),
    ...(artifact === undefined ? {} : { artifact }),
  };
}

function invalid(text: string): FlowError {
  return new FlowError(`"${text}" names nothing in a store.`, {
    code: 'PATHSPEC_INVALID',
    hint: 'write Flow/run/step/position/artifact, or run/step/position, or less of it from the right',
  });
}

function notAPosition(text: string, part: string): FlowError {
  return new FlowError(`In "${text}", "${part}" is no position of a task.`, {
    code: 'PATHSPEC_INVALID',
    hint: 'a position is 0 outside any foreach, else the indexes joined by dots: work/3, inner/3.2',
  });
}
