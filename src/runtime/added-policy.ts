import { catchProblem } from '../graph/catch-problem.ts';
import type { CatchPolicy, StepPolicy } from '../model/definition.ts';
import { FlowError } from '../model/errors.ts';
import type { FlowGraph, GraphNode } from '../model/graph.ts';

/** `--with`: a decorator for every step that has none of its kind; a step's own always wins. */
export interface AddedPolicy {
  readonly policy: StepPolicy;
  /** For `flow show`, e.g. `retry(times=2)`. */
  readonly text: string;
}

/** Throws FlowError where an added catchError does not say how the flow goes on from a step. */
export function addPolicies(graph: FlowGraph, added: readonly AddedPolicy[]): FlowGraph {
  if (added.length === 0) return graph;
  const policy = added.reduce<StepPolicy>((all, one) => ({ ...all, ...one.policy }), {});
  if (policy.catch !== undefined) checkCatch(graph, policy.catch);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, policy: { ...policy, ...node.policy } })),
  };
}

/** Each option goes to the steps that it fits; there must be one. */
function checkCatch({ nodes }: FlowGraph, caught: CatchPolicy): void {
  const steps = nodes.filter(({ policy }) => policy.catch === undefined);
  for (const { name, transition } of steps) {
    const problem = catchProblem(name, transition, caught);
    if (problem === undefined) continue;
    const isWrongCase = transition.kind === 'switch' && caught.take !== undefined;
    throw refusal(problem.message, isWrongCase ? problem.hint : withHint(transition, name, caught));
  }
  if (caught.take !== undefined && !steps.some(({ transition }) => transition.kind === 'switch')) {
    throw refusal(`no step takes the case "${caught.take}"`, 'leave take out');
  }
  if (caught.items !== undefined && !steps.some(({ transition }) => fansOut(transition))) {
    throw refusal('no step has a foreach', 'leave items out');
  }
}

function fansOut({ kind }: GraphNode['transition']): boolean {
  return kind === 'foreach' || kind === 'gang';
}

function withHint({ kind }: GraphNode['transition'], step: string, { field }: CatchPolicy): string {
  const option = kind === 'switch' ? 'take=CASE' : 'items=[]';
  return `write --with catchError:field=${field},${option}, or put @catchError on "${step}" itself`;
}

function refusal(message: string, hint: string): FlowError {
  return new FlowError(`--with catchError cannot be used: ${message}`, {
    code: 'OPTION_INVALID',
    hint,
  });
}
