import { FlowError } from '../model/errors.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { OpenedFlow } from './open-flow.ts';

/** The graph of a flow that is in order. Throws FlowError with all its mistakes. */
export function soundGraph({
  definition,
  diagnostics,
  graph,
}: Pick<OpenedFlow, 'definition' | 'diagnostics' | 'graph'>): FlowGraph {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (graph !== undefined && errors.length === 0) return graph;
  const problems = errors.length === 1 ? 'a problem' : `${errors.length} problems`;
  throw new FlowError(`${definition.name} has ${problems}`, {
    code: 'FLOW_INVALID',
    diagnostics: errors,
  });
}
