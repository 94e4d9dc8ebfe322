import type { FlowGraph, GraphNode } from '../../src/model/graph.ts';
import { chance, choose } from './chance.ts';

/** The flow after somebody has edited it: some steps renamed, put in between, or taken out. */
export function changeGraph(graph: FlowGraph, seed: number): FlowGraph {
  const edits = 1 + Math.floor(chance(seed, 'edits') * 3);
  let changed = graph;
  for (let n = 0; n < edits; n++) {
    const edit = choose(seed, `edit ${n}`, [rename, putBetween, takeOut]);
    changed = edit(changed, seed + n);
  }
  return changed;
}

function rename(graph: FlowGraph, seed: number): FlowGraph {
  const { name } = choose(seed, 'renamed', graph.nodes);
  const renamed = (one: string): string => (one === name ? `${name}n` : one);
  if (graph.nodes.some((node) => node.name === renamed(name))) return graph;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameIn(node, renamed)),
    edges: graph.edges.map((edge) => ({
      ...edge,
      from: renamed(edge.from),
      to: renamed(edge.to),
    })),
  };
}

function renameIn(node: GraphNode, renamed: (name: string) => string): GraphNode {
  return {
    ...node,
    name: renamed(node.name),
    ...(node.closes === undefined ? {} : { closes: renamed(node.closes) }),
    levels: node.levels.map((level) =>
      level.kind === 'loop'
        ? { ...level, head: renamed(level.head) }
        : { ...level, step: renamed(level.step) },
    ),
    transition: retarget(node, renamed),
  };
}

function retarget(
  { transition }: GraphNode,
  renamed: (name: string) => string,
): GraphNode['transition'] {
  switch (transition.kind) {
    case 'end':
      return transition;
    case 'next':
      return { ...transition, to: transition.to.map(renamed) };
    case 'switch':
      return {
        ...transition,
        cases: transition.cases.map(({ label, to }) => ({ label, to: renamed(to) })),
      };
    case 'foreach':
    case 'gang':
      return { ...transition, to: renamed(transition.to) };
  }
}

/** A new plain step on a way that leads to one step only. */
function putBetween(graph: FlowGraph, seed: number): FlowGraph {
  const before = choose(seed, 'put', graph.nodes);
  const name = `p${Math.floor(chance(seed, 'name') * 1e9)}`;
  if (!isLinear(before) || graph.nodes.some((node) => node.name === name)) return graph;
  const [to = ''] = before.transition.to;
  const { fires, levels } = before;
  const fresh: GraphNode = {
    name,
    takes: 'nothing',
    joins: 'none',
    fires,
    levels,
    transition: { kind: 'next', to: [to] },
    policy: {},
    decorators: [],
    sets: [],
  };
  const place = graph.nodes.indexOf(before) + 1;
  const nodes = graph.nodes.map((node) =>
    node === before ? { ...node, transition: { kind: 'next' as const, to: [name] } } : node,
  );
  return {
    ...graph,
    nodes: [...nodes.slice(0, place), fresh, ...nodes.slice(place)],
    edges: graph.edges.flatMap((edge) =>
      edge.from === before.name
        ? [
            { ...edge, to: name },
            { from: name, to, kind: edge.kind },
          ]
        : [edge],
    ),
  };
}

/** A plain step whose one successor its one predecessor can lead to instead. */
function takeOut(graph: FlowGraph, seed: number): FlowGraph {
  const able = graph.nodes.filter((node) => isRemovable(graph, node));
  if (able.length === 0) return graph;
  const gone = choose(seed, 'taken out', able);
  const [to = ''] = isLinear(gone) ? gone.transition.to : [];
  const around = (name: string): string => (name === gone.name ? to : name);
  return {
    ...graph,
    nodes: graph.nodes
      .filter((node) => node !== gone)
      .map((node) => ({ ...node, transition: retarget(node, around) })),
    edges: graph.edges
      .filter((edge) => edge.from !== gone.name)
      .map((edge) => ({ ...edge, to: around(edge.to) })),
  };
}

function isRemovable({ nodes, edges }: FlowGraph, node: GraphNode): boolean {
  if (!isLinear(node) || node.takes !== 'nothing') return false;
  const into = edges.filter(({ to }) => to === node.name);
  const [edge] = into;
  const before = nodes.find(({ name }) => name === edge?.from);
  if (into.length !== 1 || before === undefined || !isLinear(before)) return false;
  const isMarked = nodes.some(
    ({ closes, levels }) =>
      closes === node.name ||
      levels.some((level) => level.kind === 'loop' && level.head === node.name),
  );
  return !isMarked && JSON.stringify(before.levels) === JSON.stringify(node.levels);
}

type LinearNode = GraphNode & {
  readonly transition: { readonly kind: 'next'; readonly to: readonly string[] };
};

function isLinear(node: GraphNode): node is LinearNode {
  return node.transition.kind === 'next' && node.transition.to.length === 1;
}
