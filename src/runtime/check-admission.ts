import { FlowError } from '../model/errors.ts';
import type { GraphNode } from '../model/graph.ts';
import { describeLimitConflict, limitConflicts } from '../model/limit-conflicts.ts';
import type { Capacity } from './scheduler/demand.ts';
import { describeNeed, optionFor } from './scheduler/describe-need.ts';
import { StepDemands } from './scheduler/step-demands.ts';

/**
 * Refuses what could never start, before anything does.
 *
 * @throws FlowError `TASK_NEVER_FITS` (a task that needs more than there is) or `LIMIT_CONFLICT`
 * (one name with two counts), each with all of them.
 */
export function checkAdmission(nodes: readonly GraphNode[], capacity: Capacity): void {
  const conflicts = limitConflicts(nodes);
  if (conflicts.length > 0) {
    throw new FlowError(conflicts.map(describeLimitConflict).join('; '), {
      code: 'LIMIT_CONFLICT',
      hint: 'give a limit the same count wherever it is named',
    });
  }
  const demands = new StepDemands(nodes, capacity);
  const tooLarge = [
    ...nodes.map(({ name }) => ({ who: `"${name}"`, demand: demands.of(name) })),
    ...nodes.flatMap(({ transition }) => gangsOf(transition, demands)),
  ].flatMap(({ who, demand }) =>
    demand.filter(({ pool, amount }) => amount > pool.capacity).map((need) => ({ who, need })),
  );
  const [first] = tooLarge;
  if (first === undefined) return;
  const messages = tooLarge.map(({ who, need }) => `${who} needs ${describeNeed(need)}`);
  throw new FlowError(`${messages.join('; ')}: it could never start.`, {
    code: 'TASK_NEVER_FITS',
    hint: `raise ${[...new Set(tooLarge.map(({ need }) => optionFor(need)))].join(' and ')}, or ask for less in @resources`,
  });
}

/** A gang whose size stands in the text. */
function gangsOf(transition: GraphNode['transition'], demands: StepDemands) {
  if (transition.kind !== 'gang' || transition.size === undefined) return [];
  const { to, size } = transition;
  return [{ who: `the gang of ${size} tasks of "${to}"`, demand: demands.of(to, size) }];
}
