import { ownFieldsOf } from '../registry.ts';
import { type FlowClass, keepMutation, mutationOf, readSteps } from '../steps.ts';
import { applyMutators } from './apply-mutators.ts';
import type { Mutation } from './mutation.ts';
import { mutatorsOf } from './mutator-marks.ts';

/**
 * Runs the flow's mutators, once in a process: call it when the flow's modules have loaded, before
 * anything else looks at the flow. Undefined for a flow without mutators.
 *
 * @throws FlowError `MUTATOR_THREW`; the mutator's error is the cause.
 */
export function mutateFlow(flow: FlowClass, name: string): Mutation | undefined {
  const known = mutationOf(flow);
  if (known !== undefined) return known;
  const mutators = mutatorsOf(flow);
  if (mutators.length === 0) return undefined;
  const mutation = applyMutators({
    name,
    mutators,
    parts: readSteps(flow).parts,
    readFields: () => ownFieldsOf(flow, name),
    hasMember: (member) => member in flow.prototype,
  });
  keepMutation(flow, mutation);
  return mutation;
}
