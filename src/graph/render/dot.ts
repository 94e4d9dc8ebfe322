import type { FlowGraph } from '../../model/graph.ts';
import { edgeLabel } from './edge-label.ts';

/** For Graphviz. */
export function renderDot({ flow, nodes, edges }: FlowGraph): string {
  const lines = nodes.map(
    ({ name, takes }) => `  ${quote(name)} [shape=${takes === 'inputs' ? 'hexagon' : 'box'}];`,
  );
  const arrows = edges.map((edge) => {
    const label = edgeLabel(edge);
    const attributes = [
      ...(label === undefined ? [] : [`label=${quote(label)}`]),
      ...(edge.kind === 'back' ? ['style=dashed'] : []),
    ];
    const suffix = attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`;
    return `  ${quote(edge.from)} -> ${quote(edge.to)}${suffix};`;
  });
  return [`digraph ${quote(flow)} {`, ...lines, ...arrows, '}', ''].join('\n');
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
