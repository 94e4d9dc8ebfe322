import { InternalError } from '../../model/errors.ts';
import type { UserError } from '../../model/failure.ts';
import type { TakenTransition } from '../../model/task.ts';
import type { PlanEdge } from './plan.ts';
import type { Area, Task } from './state.ts';

export const DEFAULT_MAX_ITERATIONS = 10_000;

/** Why a loop may not go on: it has made as many rounds as it is allowed. Undefined if it may. */
export function checkRounds(
  { step, area }: Task,
  taken: TakenTransition,
  limit: number,
): UserError | undefined {
  const back = step.outs.find((edge) => edge.back && leadsTo(taken, edge));
  if (back === undefined || roundOf(area, back) + 1 < limit) return undefined;
  return {
    kind: 'user-error',
    name: 'FlowError',
    code: 'TOO_MANY_ITERATIONS',
    message: `the loop from "${step.name}" back to "${back.to.name}" has made ${limit} rounds, as many as --max-iterations allows`,
    hint: `check what lets "${step.name}" leave the loop, or raise the limit with --max-iterations`,
    frames: [],
  };
}

function leadsTo(taken: TakenTransition, edge: PlanEdge): boolean {
  return taken.kind === 'switch' && taken.to === edge.to.name;
}

function roundOf(area: Area, back: PlanEdge): number {
  for (let at: Area | undefined = area; at !== undefined; at = at.parent) {
    if (at.region === back.arrival && at.loop !== undefined) return at.loop.round;
  }
  throw new InternalError(`"${back.from.name}" leads back into no loop`);
}
