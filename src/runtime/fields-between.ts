import type { FlowGraph } from '../model/graph.ts';

/** What any step on a path from a fork to its join may assign, the two themselves left out. */
export function fieldsSetBetween(graph: FlowGraph, fork: string, join: string): readonly string[] {
  const after = reach(graph, fork, { from: 'from', to: 'to', stop: join });
  const before = reach(graph, join, { from: 'to', to: 'from', stop: fork });
  const between = graph.nodes.filter(({ name }) => after.has(name) && before.has(name));
  return [...new Set(between.flatMap((node) => node.sets))];
}

interface Direction {
  readonly from: 'from' | 'to';
  readonly to: 'from' | 'to';
  readonly stop: string;
}

function reach(
  graph: FlowGraph,
  start: string,
  { from, to, stop }: Direction,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const edge of graph.edges) {
      const next = edge[to];
      if (edge[from] !== step || next === stop || seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}
