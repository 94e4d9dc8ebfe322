import { mutateFlow } from '../flow/mutators/mutate-flow.ts';
import { requireSameMutations } from '../flow/mutators/same-mutations.ts';
import { findFlows } from '../flow/registry.ts';
import type { FlowClass } from '../flow/steps.ts';
import type { MutationDigests } from '../model/definition.ts';
import type { LoadProblem, LoadRequest } from '../model/protocol.ts';
import { addDecorators, entryOf } from './added-decorators.ts';
import { loadBundle } from './load-bundle.ts';

/** A flow's class, under the name that its module exports it by. */
export interface LoadedFlow {
  readonly name: string;
  readonly flow: FlowClass;
}

export type LoadOutcome =
  | ({ readonly kind: 'loaded' } & LoadedFlow)
  | { readonly kind: 'problem'; readonly problem: LoadProblem };

/** Imports the prepared flow. Rejects with whatever its module level, or a mutator, throws. */
export async function loadFlow(
  request: LoadRequest,
  load: (bundle: string) => Promise<object> = loadBundle,
): Promise<LoadOutcome> {
  const exports = await load(request.bundle);
  const entry = entryOf(exports);
  const outcome = chooseFlow(findFlows(entry.flow), request.flow);
  if (outcome.kind !== 'loaded') return outcome;
  const problem = entry.added.length === 0 ? undefined : addDecorators(outcome.flow, entry.added);
  if (problem !== undefined) return { kind: 'problem', problem };
  mutate(outcome, request.mutations);
  return outcome;
}

/** Throws where the flow's mutators throw, or make something else than in the first child. */
function mutate({ flow, name }: LoadedFlow, first: MutationDigests | undefined): void {
  const { digests = {} } = mutateFlow(flow, name) ?? {};
  const isPlain = Object.keys({ ...digests, ...first }).length === 0;
  if (first !== undefined && !isPlain) requireSameMutations(name, digests, first);
}

/** The flow that was asked for, or the only one. */
export function chooseFlow(
  flows: ReadonlyMap<string, FlowClass>,
  asked: string | undefined,
): LoadOutcome {
  const names = [...flows.keys()];
  const name = asked ?? names[0];
  if (name === undefined) return { kind: 'problem', problem: { kind: 'no-flow' } };
  if (asked === undefined && names.length > 1) {
    return { kind: 'problem', problem: { kind: 'several-flows', names } };
  }
  const flow = flows.get(name);
  if (flow !== undefined) return { kind: 'loaded', name, flow };
  if (names.length === 0) return { kind: 'problem', problem: { kind: 'no-flow' } };
  return { kind: 'problem', problem: { kind: 'unknown-flow', asked: name, names } };
}
