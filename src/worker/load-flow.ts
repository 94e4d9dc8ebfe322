import { pathToFileURL } from 'node:url';
import { findFlows } from '../flow/registry.ts';
import type { FlowClass } from '../flow/steps.ts';
import type { LoadProblem, LoadRequest } from '../model/protocol.ts';
import { addDecorators, entryOf } from './added-decorators.ts';

/** A flow's class, under the name that its module exports it by. */
export interface LoadedFlow {
  readonly name: string;
  readonly flow: FlowClass;
}

export type LoadOutcome =
  | ({ readonly kind: 'loaded' } & LoadedFlow)
  | { readonly kind: 'problem'; readonly problem: LoadProblem };

/** Imports the prepared flow. Rejects with whatever its module level throws. */
export async function loadFlow(
  request: LoadRequest,
  url = pathToFileURL(request.bundle).href,
): Promise<LoadOutcome> {
  const exports: object = await import(/* @vite-ignore */ url);
  const entry = entryOf(exports);
  const outcome = chooseFlow(findFlows(entry.flow), request.flow);
  if (outcome.kind !== 'loaded' || entry.added.length === 0) return outcome;
  const problem = addDecorators(outcome.flow, entry.added);
  return problem === undefined ? outcome : { kind: 'problem', problem };
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
