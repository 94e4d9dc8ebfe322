import type { Admission } from './admission.ts';
import type { PlanStep } from './plan.ts';
import { stepOf, type Task } from './state.ts';

export interface Under {
  readonly queue: Pick<Admission, 'waiting'>;
  /** Those under way. */
  readonly tasks: Iterable<Task>;
}

/**
 * The steps of tasks that may still start, soonest first, never more than may: who waits for a slot
 * or a retry, then what follows from these and from what runs, each step once, and of a switch one
 * way only. A guess in its order and its steps, which costs at most the limit and the graph.
 */
export function upcomingSteps({ queue, tasks }: Under, limit: number): readonly string[] {
  const steps: PlanStep[] = [];
  const before = new Set<PlanStep>();
  for (const entry of queue.waiting()) {
    if (steps.length >= limit) break;
    steps.push(stepOf(entry));
    before.add(stepOf(entry));
  }
  for (const task of tasks) {
    if (steps.length >= limit) break;
    if (task.phase === 'waiting') steps.push(task.step);
    before.add(task.step);
  }
  if (steps.length < limit) steps.push(...following(before));
  return steps.slice(0, Math.max(0, limit)).map(({ name }) => name);
}

/** What comes after these, the nearest first. A set goes on with what is added to it meanwhile. */
function following(steps: ReadonlySet<PlanStep>): ReadonlySet<PlanStep> {
  const found = new Set<PlanStep>();
  for (const step of steps) for (const next of nextOf(step)) found.add(next);
  for (const step of found) for (const next of nextOf(step)) found.add(next);
  return found;
}

function nextOf({ node, outs }: PlanStep): readonly PlanStep[] {
  if (node.transition.kind !== 'switch') return outs.map(({ to }) => to);
  const way = outs.find(({ back }) => !back) ?? outs[0];
  return way === undefined ? [] : [way.to];
}
