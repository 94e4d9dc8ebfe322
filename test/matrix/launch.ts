import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Run } from 'millrace/client';
import { Runner, type RunnerRunOptions } from 'millrace/runner';
import type { FlowEvent } from '../../src/model/events.ts';
import type { Isolation } from '../../src/model/isolation.ts';
import { taskEventsOf } from '../../src/model/task-events.ts';
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
  /** What its runs are read back through: programs' way, or people's. */
  readonly reader: 'client' | 'commands';
  /** The flow has the config that is given. */
  readonly hasConfigs: boolean;
}

export interface LaunchOptions {
  readonly onFailure?: 'finish' | 'kill' | 'continue';
  /** Resume this run. */
  readonly origin?: string;
  /** This task fails. */
  readonly fails?: string;
}

export interface Ran extends LaunchOptions {
  readonly code: number | undefined;
  /** Of a gang's events, what they say of each of its tasks. */
  readonly events: readonly FlowEvent[];
  readonly id: string;
  /** What the run is read back through. */
  readonly run: Run;
  /** For messages. */
  readonly transcript: string;
}

/** The same on every machine. */
export const MAX_WORKERS = 2;

/** What every run of the matrix is given: one parameter by hand, one by the environment, a tag, a config. */
export const GIVEN = {
  count: 7,
  word: 'from the environment',
  tag: 'matrix of ünïcode',
  tuning: { factor: 5, deep: { list: [1, 2, 3] } },
} as const;

export async function launch(ground: Ground, options: LaunchOptions = {}): Promise<Ran> {
  await writeFile(join(ground.dir, 'fails'), options.fails ?? '');
  return ground.caller === 'cli' ? launchCommand(ground, options) : launchRunner(ground, options);
}

function apart(event: FlowEvent): readonly FlowEvent[] {
  return event.type.startsWith('gang.') ? taskEventsOf(event) : [event];
}

export const storeOf = ({ dir }: Ground): string => join(dir, '.millrace');

async function launchCommand(ground: Ground, options: LaunchOptions): Promise<Ran> {
  const { onFailure, origin } = options;
  const tuning = JSON.stringify(GIVEN.tuning);
  const what =
    origin === undefined
      ? ['run', 'flow.ts', '--count', String(GIVEN.count), ...configured(ground, tuning)]
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
    env: { MILLRACE_PARAM_WORD: GIVEN.word },
  });
  const id = finished.events[0]?.run;
  if (id === undefined) throw new Error(`no run was started\n${transcript(finished)}`);
  return {
    ...options,
    code: finished.code ?? undefined,
    events: finished.events.flatMap(apart),
    id,
    run: new Run(`${ground.flow}/${id}`, { store: storeOf(ground) }),
    transcript: transcript(finished),
  };
}

function configured({ hasConfigs }: Ground, tuning: string): readonly string[] {
  return hasConfigs ? ['--config-value', 'tuning', tuning] : [];
}

async function launchRunner(ground: Ground, options: LaunchOptions): Promise<Ran> {
  const { onFailure, origin } = options;
  const isInline = ground.isolation === 'inline';
  const events: FlowEvent[] = [];
  const lines: string[] = [];
  const runner = new Runner(join(ground.dir, 'flow.ts'), {
    cwd: isInline ? process.cwd() : ground.dir,
    store: storeOf(ground),
    // What runs in this very process has its environment.
    ...(isInline ? {} : { env: { ...ground.rig.mark, MILLRACE_PARAM_WORD: GIVEN.word } }),
    ...(ground.hasConfigs ? { configs: { tuning: GIVEN.tuning } } : {}),
  });
  const given: RunnerRunOptions = {
    tags: [GIVEN.tag],
    maxWorkers: MAX_WORKERS,
    ...(onFailure === undefined ? {} : { onFailure }),
    isolation: ground.isolation,
    onEvent: (event) => events.push(...apart(event)),
    onLog: ({ text }) => lines.push(text),
  };
  const executing =
    origin === undefined
      ? await runner.run({ count: GIVEN.count, ...(isInline ? { word: GIVEN.word } : {}) }, given)
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
