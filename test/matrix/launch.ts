import { join } from 'node:path';
import { Run } from 'millrace/client';
import { Runner, type RunnerRunOptions } from 'millrace/runner';
import type { FlowEvent } from '../../src/model/events.ts';
import type { Isolation } from '../../src/model/isolation.ts';
import { type FlowRig, transcript } from '../rig/flow-rig.ts';

/** Who starts the run: a person's command line, or a program through the Runner. */
export const CALLERS = ['cli', 'in-process'] as const;
export type Caller = (typeof CALLERS)[number];

/** A folder with a flow in it. */
export interface Ground {
  readonly rig: FlowRig;
  readonly dir: string;
  readonly flow: string;
  readonly caller: Caller;
  readonly isolation: Isolation;
}

export interface LaunchOptions {
  readonly env?: { readonly [name: string]: string };
  readonly onFailure?: 'finish' | 'kill' | 'continue';
  /** Resume this run. */
  readonly origin?: string;
  /** The task that `env` makes fail. */
  readonly fails?: string;
}

export interface Ran extends LaunchOptions {
  readonly code: number | undefined;
  readonly events: readonly FlowEvent[];
  readonly id: string;
  /** What the run is read back through. */
  readonly run: Run;
  /** For messages. */
  readonly transcript: string;
}

/** The same on every machine. */
export const MAX_WORKERS = 2;

/** What every run of the matrix is given: one parameter by hand, one by the environment, a tag. */
export const GIVEN = { count: 7, word: 'from the environment', tag: 'matrix of ünïcode' } as const;

export function launch(ground: Ground, options: LaunchOptions = {}): Promise<Ran> {
  return ground.caller === 'cli' ? launchCommand(ground, options) : launchRunner(ground, options);
}

export const storeOf = ({ dir }: Ground): string => join(dir, '.millrace');

async function launchCommand(ground: Ground, options: LaunchOptions): Promise<Ran> {
  const { onFailure, origin, env } = options;
  const what =
    origin === undefined
      ? ['run', 'flow.ts', '--count', String(GIVEN.count)]
      : ['resume', 'flow.ts', '--origin-run-id', origin];
  const given = [
    '--json',
    '--max-workers',
    String(MAX_WORKERS),
    '--tag',
    GIVEN.tag,
    '--store',
    storeOf(ground),
    ...(onFailure === undefined ? [] : ['--on-failure', onFailure]),
    '--isolation',
    ground.isolation,
  ];
  const finished = await ground.rig.flow([...what, ...given], {
    cwd: ground.dir,
    env: { MILLRACE_PARAM_WORD: GIVEN.word, ...env },
  });
  const id = finished.events[0]?.run;
  if (id === undefined) throw new Error(`no run was started\n${transcript(finished)}`);
  return {
    ...options,
    code: finished.code ?? undefined,
    events: finished.events,
    id,
    run: new Run(`${ground.flow}/${id}`, { store: storeOf(ground) }),
    transcript: transcript(finished),
  };
}

async function launchRunner(ground: Ground, options: LaunchOptions): Promise<Ran> {
  const { onFailure, env, origin } = options;
  const events: FlowEvent[] = [];
  const lines: string[] = [];
  const runner = new Runner('flow.ts', {
    cwd: ground.dir,
    store: storeOf(ground),
    env: { ...ground.rig.mark, MILLRACE_PARAM_WORD: GIVEN.word, ...env },
  });
  const given: RunnerRunOptions = {
    tags: [GIVEN.tag],
    maxWorkers: MAX_WORKERS,
    ...(onFailure === undefined ? {} : { onFailure }),
    isolation: ground.isolation,
    onEvent: (event) => events.push(event),
    onLog: ({ text }) => lines.push(text),
  };
  const executing =
    origin === undefined
      ? await runner.run({ count: GIVEN.count }, given)
      : await runner.resume({ ...given, origin });
  await executing.wait();
  return {
    ...options,
    code: executing.exitCode,
    events,
    id: executing.run.id,
    run: executing.run,
    transcript: `exit ${executing.exitCode}\n${JSON.stringify(await executing.run.failure)}\n${lines.join('\n')}`,
  };
}
