import type { FlowGraph } from '../../model/graph.ts';
import { edgeLabel } from './edge-label.ts';

/** For Markdown files. Nodes are numbered, since `end` is a word of Mermaid's own. */
export function renderMermaid({ nodes, edges }: FlowGraph): string {
  const ids = new Map(nodes.map(({ name }, number) => [name, `s${number}`]));
  const lines = nodes.map(({ name, takes }) =>
    takes === 'inputs' ? `  ${ids.get(name)}{{"${name}"}}` : `  ${ids.get(name)}["${name}"]`,
  );
  const arrows = edges.map((edge) => {
    const label = edgeLabel(edge);
    const text = label === undefined ? '' : `|"${label.replaceAll('"', '#quot;')}"|`;
    const arrow = edge.kind === 'back' ? '-.->' : '-->';
    return `  ${ids.get(edge.from)} ${arrow}${text} ${ids.get(edge.to)}`;
  });
  return ['flowchart TD', ...lines, ...arrows, ''].join('\n');
}
