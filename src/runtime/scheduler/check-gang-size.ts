import type { UserError } from '../../model/failure.ts';
import type { TakenTransition } from '../../model/task.ts';
import { describeNeed, optionFor } from './describe-need.ts';
import type { StepDemands } from './step-demands.ts';

/** Why a gang could never start: all its tasks together need more than there is. */
export function checkGangSize(taken: TakenTransition, demands: StepDemands): UserError | undefined {
  if (taken.kind !== 'gang') return undefined;
  const demand = demands.of(taken.to, taken.size);
  const need = demand.find(({ pool, amount }) => amount > pool.capacity);
  if (need === undefined) return undefined;
  return {
    kind: 'user-error',
    name: 'FlowError',
    code: 'GANG_NEVER_FITS',
    message: `the gang of ${taken.size} tasks of "${taken.to}" needs ${describeNeed(need)}: it could never start`,
    hint: `raise ${optionFor(need)}, or start fewer with numParallel: the tasks of a gang run at the same time or not at all`,
    frames: [],
  };
}
