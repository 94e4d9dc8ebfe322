import type { GraphEdge } from '../../model/graph.ts';

/** What an edge says beside its ends; undefined for a plain one. */
export function edgeLabel({ kind, labels }: GraphEdge): string | undefined {
  if (labels !== undefined) return labels.join(' | ');
  if (kind === 'foreach') return 'foreach';
  return kind === 'gang' ? 'numParallel' : undefined;
}
