import type { Failure } from '../../model/failure.ts';
import type { TakenTransition } from '../../model/task.ts';
import { checkGangSize } from './check-gang-size.ts';
import { checkRounds, DEFAULT_MAX_ITERATIONS } from './check-rounds.ts';
import { checkTransition } from './check-transition.ts';
import { checkYielded } from './item-streams.ts';
import type { Task } from './state.ts';
import type { StepDemands } from './step-demands.ts';

/** How a task fails whose end the graph or a limit does not allow. */
export type RefusedTransition = Extract<Failure, { readonly kind: 'user-error' | 'protocol' }>;

interface Limits {
  readonly maxIterations: number | undefined;
  readonly demands: StepDemands;
}

/** Why the graph or a limit does not allow what a task did; undefined if it may. */
export function refuseEnd(
  task: Task,
  taken: TakenTransition,
  { maxIterations = DEFAULT_MAX_ITERATIONS, demands }: Limits,
): RefusedTransition | undefined {
  const message = illegalEnd(task, taken);
  if (message !== undefined) return { kind: 'protocol', message };
  return checkRounds(task, taken, maxIterations) ?? checkGangSize(taken, demands);
}

/** The same, by the graph alone. */
export function illegalEnd(task: Task, taken: TakenTransition): string | undefined {
  return checkTransition(task.step, taken) ?? checkYielded(task, taken);
}
