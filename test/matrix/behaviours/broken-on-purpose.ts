import { expect } from 'vitest';
import type { OnFailure } from '../../../src/model/events.ts';
import type { Behaviour } from '../behaviour.ts';
import { expectRun, splitPath } from '../expected-run.ts';
import { MAX_WORKERS, type Ran } from '../launch.ts';
import type { Outing } from '../outing.ts';
import { inGang, isStream, type Shape } from '../shape.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

const CODE = ['if (isBroken(here)) throw new Error(`broken on purpose: ${here}`);'];

const pathOf = (event: { readonly step: string; readonly position: string }): string =>
  `${event.step}/${event.position}`;

interface Tasks {
  readonly launched: ReadonlySet<string>;
  readonly succeeded: ReadonlySet<string>;
  readonly cloned: ReadonlySet<string>;
  readonly cancelled: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
}

function tasksOf({ events }: Ran): Tasks {
  const found = {
    launched: new Set<string>(),
    succeeded: new Set<string>(),
    cloned: new Set<string>(),
    cancelled: new Set<string>(),
    failed: new Set<string>(),
  };
  for (const event of events) {
    if (event.type === 'task.launched') found.launched.add(pathOf(event));
    if (event.type === 'task.succeeded') found.succeeded.add(pathOf(event));
    if (event.type === 'task.cloned') found.cloned.add(pathOf(event));
    if (event.type !== 'task.failed') continue;
    const isCancelled = event.failure.kind === 'cancelled';
    (isCancelled ? found.cancelled : found.failed).add(pathOf(event));
  }
  return found;
}

/** Broken at the first task of each step in turn: what ended well is cloned, and nothing else is. */
export const resume: Behaviour = {
  name: 'resume at every place',
  // The task that the file beside the flow names: inline tasks share their environment with others.
  prelude: [
    "import { readFileSync } from 'node:fs';",
    "const isBroken = (here: string) => readFileSync(new URL('fails', import.meta.url), 'utf8') === here;",
  ].join('\n'),
  code: () => CODE,
  check: async (outing) => {
    for (const [index, ran] of outing.runs.entries()) {
      const before = outing.runs.find(({ id }) => id === ran.origin);
      if (before === undefined) continue;
      const { succeeded, cloned } = tasksOf(before);
      const now = tasksOf(ran);
      expect(now.cloned, `run ${index}\n${ran.transcript}`).toEqual(union(succeeded, cloned));
      expect([...now.launched].filter((path) => now.cloned.has(path))).toEqual([]);
    }
    const last = tasksOf(outing.ran);
    expect(union(last.succeeded, last.cloned)).toEqual(new Set(outing.tasks.keys()));
    await expectFieldsOfAll(outing, outing.names);
  },
};

function failurePolicy(policy: OnFailure): Behaviour {
  return {
    name: `failure with --on-failure ${policy}`,
    check: (outing) => {
      const broken = outing.runs.filter(
        (ran) => ran.onFailure === policy && ran.fails !== undefined,
      );
      expect(broken.length).toBeGreaterThan(0);
      for (const ran of broken) checkBroken(outing, ran, policy);
    },
  };
}

export const failurePolicies = (['finish', 'kill', 'continue'] as const).map(failurePolicy);

function checkBroken(outing: Outing, ran: Ran, policy: OnFailure): void {
  const { fails = '' } = ran;
  const { launched, succeeded, cloned, cancelled, failed } = tasksOf(ran);
  const where = `${fails} fails\n${ran.transcript}`;
  const { shape } = outing;
  expect(ran.code, where).toBe(1);
  expect(ran.events.at(-1)?.type, where).toBe('run.failed');
  expect(failed, where).toEqual(new Set([fails]));
  const done = union(succeeded, cloned);
  for (const path of [...done, ...launched]) {
    const inputs = followedBy(outing, path) ?? ['what it follows from'];
    expect(
      inputs.filter((input) => !done.has(input)),
      `${path} ran, ${where}`,
    ).toEqual([]);
  }
  const possible = expectRun(outing.shape, (path) =>
    path === fails ? { kind: 'fails' } : undefined,
  );
  const wanted = [...possible.values()].filter(({ ends }) => ends === 'succeeds');
  const all = new Set(wanted.map(({ path }) => path));
  if (policy === 'continue') expect(done, where).toEqual(all);
  else
    expect(
      [...done].filter((path) => !all.has(path)),
      where,
    ).toEqual([]);
  const stopped = [...cancelled].filter((path) => !endsWithOthers(path, fails, shape));
  if (policy !== 'kill') expect(stopped, where).toEqual([]);
  expect(launched, where).toEqual(new Set([...succeeded, ...cancelled, ...failed]));
  if (policy !== 'continue') checkStopped(outing, ran, where);
}

/** A launch may be under way when the failure comes: one whose inputs had ended, in the other slot. */
function checkStopped(outing: Outing, { events }: Ran, where: string): void {
  const failedAt = events.findIndex(({ type }) => type === 'task.failed');
  const running = new Set<string>();
  const done = new Set<string>();
  for (const event of events.slice(0, failedAt)) {
    if (event.type === 'task.launched') running.add(pathOf(event));
    if (event.type === 'task.succeeded') running.delete(pathOf(event));
    if (event.type === 'task.succeeded' || event.type === 'task.cloned') done.add(pathOf(event));
  }
  const after = events
    .slice(failedAt)
    .flatMap((event) => (event.type === 'task.launched' ? [pathOf(event)] : []));
  const early = after.flatMap((path) => followedBy(outing, path) ?? []);
  expect(
    early.filter((input) => !done.has(input)),
    where,
  ).toEqual([]);
  // The one that failed is among those that ran.
  const yielding = [...running].filter((path) => streamsOf(outing.shape).has(stepOf(path)));
  expect(running.size - yielding.length + after.length, where).toBeLessThanOrEqual(MAX_WORKERS);
}

/** The tasks before it that must have ended: items of a stream start while their step still yields. */
function followedBy({ tasks, shape }: Outing, path: string): readonly string[] | undefined {
  const streams = streamsOf(shape);
  return tasks.get(path)?.inputs.filter((input) => !streams.has(stepOf(input)));
}

/** A gang ends with the first of its tasks that fails; a stream when nobody takes its items any more. */
function endsWithOthers(path: string, fails: string, shape: Shape): boolean {
  const step = shape.steps.find(({ name }) => name === stepOf(path));
  if (step === undefined) return false;
  return isStream(step) || (inGang(step, shape) && stepOf(fails) === step.name);
}

function streamsOf({ steps }: Shape): ReadonlySet<string> {
  return new Set(steps.filter(isStream).map(({ name }) => name));
}

const stepOf = (path: string): string => splitPath(path)[0];

function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a, ...b]);
}
