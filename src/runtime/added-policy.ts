import type { StepPolicy } from '../model/definition.ts';
import type { FlowGraph } from '../model/graph.ts';

/** `--with`: a decorator for every step that has none of its kind; a step's own always wins. */
export interface AddedPolicy {
  readonly policy: StepPolicy;
  /** For `flow show`, e.g. `retry(times=2)`. */
  readonly text: string;
}

export function addPolicies(graph: FlowGraph, added: readonly AddedPolicy[]): FlowGraph {
  if (added.length === 0) return graph;
  const policy = added.reduce<StepPolicy>((all, one) => ({ ...all, ...one.policy }), {});
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, policy: { ...policy, ...node.policy } })),
  };
}
