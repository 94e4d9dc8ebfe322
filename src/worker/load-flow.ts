import { pathToFileURL } from 'node:url';
import { findFlows } from '../flow/registry.ts';
import type { LoadProblem, LoadRequest } from '../model/protocol.ts';

export type LoadOutcome<Flow> =
  | { readonly kind: 'loaded'; readonly flow: Flow }
  | { readonly kind: 'problem'; readonly problem: LoadProblem };

/** Imports the prepared flow. Rejects with whatever its module level throws. */
export async function loadFlow(request: LoadRequest): Promise<LoadOutcome> {
  const exports: object = await import(/* @vite-ignore */ pathToFileURL(request.bundle).href);
  return chooseFlow(findFlows(exports), request.flow);
}

/** The flow that was asked for, or the only one. */
export function chooseFlow<Flow>(
  flows: ReadonlyMap<string, Flow>,
  asked: string | undefined,
): LoadOutcome<Flow> {
  const names = [...flows.keys()];
  const name = asked ?? names[0];
  if (name === undefined) return { kind: 'problem', problem: { kind: 'no-flow' } };
  if (asked === undefined && names.length > 1) {
    return { kind: 'problem', problem: { kind: 'several-flows', names } };
  }
  const flow = flows.get(name);
  if (flow !== undefined) return { kind: 'loaded', flow };
  return { kind: 'problem', problem: { kind: 'unknown-flow', asked: name, names } };
}
