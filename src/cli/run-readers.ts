import type { EventReader } from '../model/reader.ts';
import { JsonConsole } from '../observe/console/json.ts';
import { LiveConsole } from '../observe/console/live.ts';
import { PlainConsole } from '../observe/console/plain.ts';
import { SummaryConsole } from '../observe/console/summary.ts';
import { createColors, type Host, programName } from './host.ts';

export interface ShownRun {
  readonly json: boolean;
  /** As it was typed: `flow.ts`, or `flow.ts:Name`. */
  readonly target: string;
  /** The store, if it was named on the command line. */
  readonly store: string | undefined;
}

/** Data on stdout; progress and the output of tasks on stderr. */
export function createReaders(host: Host, { json, target, store }: ShownRun): EventReader[] {
  const { stdout, stderr, environment, cwd } = host;
  if (json) return [new JsonConsole(stdout), new PlainConsole(stderr, { only: 'logs' })];
  const colors = createColors(stderr, environment);
  const program = programName(environment);
  const resume = store === undefined ? { target } : { target, store };
  const summary = new SummaryConsole(stderr, { colors, cwd, program, resume });
  const isLive = stderr.isTerminal && environment['TERM'] !== 'dumb';
  return [
    isLive
      ? new LiveConsole(stderr, { colors, clock: { now: Date.now } })
      : new PlainConsole(stderr),
    summary,
  ];
}
