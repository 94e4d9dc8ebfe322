import type { ArtifactRef } from '../../../../src/model/artifact.ts';
import type { FlowGraph, GraphEdge, GraphNode } from '../../../../src/model/graph.ts';
import type { Hash } from '../../../../src/model/ids.ts';

export const REF: ArtifactRef = { hash: '0'.repeat(64) as Hash, size: 1, encoding: 'cbor' };

export function nodeOf(
  name: string,
  rest: Partial<GraphNode> & Pick<GraphNode, 'transition'>,
): GraphNode {
  const plain = { takes: 'nothing', joins: 'none', fires: 'anyLive', levels: [] } as const;
  return { name, ...plain, policy: {}, decorators: [], sets: [], ...rest };
}

/** Edges as the transitions say; a case that leads to a loop's head is a back edge. */
export function graphOf(nodes: readonly GraphNode[]): FlowGraph {
  return { flow: 'Sample', nodes, edges: nodes.flatMap(edgesOf) };
}

function edgesOf({ name, levels, transition }: GraphNode): GraphEdge[] {
  switch (transition.kind) {
    case 'end':
      return [];
    case 'next':
      return transition.to.map((to) => ({ from: name, to, kind: 'next' }));
    case 'switch': {
      const heads = levels.map((level) => (level.kind === 'loop' ? level.head : undefined));
      const targets = [...new Set(transition.cases.map(({ to }) => to))];
      return targets.map((to) => ({ from: name, to, kind: heads.includes(to) ? 'back' : 'case' }));
    }
    case 'foreach':
    case 'gang':
      return [{ from: name, to: transition.to, kind: transition.kind }];
  }
}

/** start → work × N → join → end. */
export const FANNED: FlowGraph = graphOf([
  nodeOf('start', { transition: { kind: 'foreach', to: 'work' } }),
  nodeOf('work', {
    takes: 'item',
    levels: [{ kind: 'foreach', step: 'start' }],
    transition: { kind: 'next', to: ['join'] },
  }),
  nodeOf('join', {
    takes: 'inputs',
    joins: 'frame',
    closes: 'start',
    transition: { kind: 'next', to: ['end'] },
  }),
  nodeOf('end', { transition: { kind: 'end' } }),
]);

/** start → (left, right) → join. */
export const SPLIT: FlowGraph = graphOf([
  nodeOf('start', { transition: { kind: 'next', to: ['right', 'left'] } }),
  nodeOf('left', { transition: { kind: 'next', to: ['join'] } }),
  nodeOf('right', { transition: { kind: 'next', to: ['join'] } }),
  nodeOf('join', {
    takes: 'inputs',
    joins: 'branches',
    closes: 'start',
    transition: { kind: 'end' },
  }),
]);

/** A step that goes back to itself until it is done, then the end. */
export const LOOP: FlowGraph = graphOf([
  nodeOf('turn', {
    levels: [{ kind: 'loop', head: 'turn' }],
    transition: {
      kind: 'switch',
      cases: [
        { label: 'again', to: 'turn' },
        { label: 'done', to: 'end' },
      ],
    },
  }),
  nodeOf('end', { transition: { kind: 'end' } }),
]);
