import { expectRun } from './expected-run.ts';
import { type Ground, launch, type Ran } from './launch.ts';
import type { Shape } from './shape.ts';

const POLICIES = ['finish', 'continue', 'kill'] as const;

/** A run that breaks at the first place, a resume of it that breaks at the second, until one goes through. */
export async function breakInTurn(ground: Ground, shape: Shape): Promise<readonly Ran[]> {
  const runs: Ran[] = [];
  for (const fails of firstTasks(shape)) {
    const last = runs.at(-1);
    // What ran beside the last break has ended well.
    if (hasEndedWell(fails, last)) continue;
    const onFailure = POLICIES[runs.length % POLICIES.length] ?? 'finish';
    const origin = last === undefined ? {} : { origin: last.id };
    runs.push(await launch(ground, { onFailure, fails, ...origin }));
  }
  runs.push(await launch(ground, { origin: runs.at(-1)?.id ?? '' }));
  return runs;
}

/** The first task of each step that runs: others of a foreach wait then, and show what a failure does. */
function firstTasks(shape: Shape): readonly string[] {
  const first = new Map<string, string>();
  for (const { path, step } of expectRun(shape).values()) {
    if (!first.has(step.name)) first.set(step.name, path);
  }
  return [...first.values()];
}

function hasEndedWell(path: string, ran: Ran | undefined): boolean {
  return (ran?.events ?? []).some(
    (event) =>
      (event.type === 'task.succeeded' || event.type === 'task.cloned') &&
      `${event.step}/${event.position}` === path,
  );
}
