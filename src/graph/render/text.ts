import type { FlowGraph, GraphEdge, GraphNode } from '../../model/graph.ts';
import { edgeLabel } from './edge-label.ts';

/** One line per step, indented by its depth, with where it leads. */
export function renderText({ flow, nodes, edges }: FlowGraph): string {
  const width = Math.max(0, ...nodes.map((node) => headOf(node).length));
  const outOf = groupByFrom(edges);
  const gangs = new Set(edges.flatMap(({ from, kind }) => (kind === 'gang' ? [from] : [])));
  const lines = nodes.map((node) => {
    const targets = (outOf.get(node.name) ?? []).map(describe);
    const role = roleOf(node, gangs);
    const facts = [
      ...(targets.length === 0 ? [] : [`→ ${targets.join(', ')}`]),
      ...(role === undefined ? [] : [`(${role})`]),
    ];
    return `  ${headOf(node).padEnd(width)}  ${facts.join('  ')}`.trimEnd();
  });
  return [flow, ...lines, ''].join('\n');
}

function headOf({ name, levels }: GraphNode): string {
  return `${'  '.repeat(levels.length)}${name}`;
}

function describe(edge: GraphEdge): string {
  const label = edgeLabel(edge);
  const to = edge.kind === 'back' ? `${edge.to} (again)` : edge.to;
  return label === undefined ? to : `${label}: ${to}`;
}

function roleOf({ joins, closes = '' }: GraphNode, gangs: ReadonlySet<string>): string | undefined {
  if (joins === 'branches') return `joins the branches of ${closes}`;
  const opened = gangs.has(closes) ? 'gang' : 'foreach';
  return joins === 'frame' ? `joins the ${opened} of ${closes}` : undefined;
}

function groupByFrom(edges: readonly GraphEdge[]): ReadonlyMap<string, readonly GraphEdge[]> {
  const groups = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    const group = groups.get(edge.from);
    if (group === undefined) groups.set(edge.from, [edge]);
    else group.push(edge);
  }
  return groups;
}
