import type { FlowGraph } from '../../model/graph.ts';

export function renderJson(graph: FlowGraph): string {
  return `${JSON.stringify(graph, null, 2)}\n`;
}
