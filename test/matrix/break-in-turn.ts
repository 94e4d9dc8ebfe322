import { FAILS } from './behaviours/broken-on-purpose.ts';
import { expectRun } from './expected-run.ts';
import { type Ground, launch, type Ran } from './launch.ts';
import type { Shape } from './shape.ts';

const POLICIES = ['finish', 'continue', 'kill'] as const;

/**
 * A run that breaks at the first place, a resume of it that breaks at the second, and so on, until
 * one goes through. A program, which cannot resume, starts three runs that break, all at one
 * place and each with another policy; the last of them is resumed by hand.
 */
export async function breakInTurn(ground: Ground, shape: Shape): Promise<readonly Ran[]> {
  const places = firstTasks(shape);
  const runs: Ran[] = [];
  const isProgram = ground.caller === 'in-process';
  const breaking = isProgram ? POLICIES.map(() => early(places)) : places;
  for (const place of breaking) {
    // What ran beside the last break has ended well.
    if (!isProgram && hasEndedWell(place, runs.at(-1))) continue;
    const onFailure = POLICIES[runs.length % POLICIES.length] ?? 'finish';
    const origin = isProgram ? undefined : runs.at(-1)?.id;
    const env = { [FAILS]: place };
    runs.push(
      await launch(ground, {
        env,
        onFailure,
        fails: place,
        ...(origin === undefined ? {} : { origin }),
      }),
    );
  }
  const origin = runs.at(-1)?.id ?? '';
  runs.push(await launch(ground, { origin }));
  return runs;
}

/** A place after `start` where much is still to come, so that it shows whether it comes. */
function early(places: readonly string[]): string {
  return places[Math.max(1, Math.floor(places.length / 3))] ?? '';
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
