import type { FlowGraph, GraphNode } from '../../src/model/graph.ts';
import type { TakenTransition } from '../../src/model/task.ts';
import { chance, choose } from './chance.ts';
import type { Oracle } from './oracle.ts';
import { pageOf } from './simulated-values.ts';

/** Loops end: nobody asks for a round after this one. */
const LAST_ROUND = 2;

/** How each task of a drawn graph ends: a function of its path, so that all interpreters agree. */
export function randomOracle(
  graph: FlowGraph,
  seed: number,
  { failing, fits = isPair, streaming = 0 }: Chances,
): Oracle {
  const backs = new Set(
    graph.edges.filter((edge) => edge.kind === 'back').map((edge) => `${edge.from}>${edge.to}`),
  );
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const canGang = (step: string, tasks: number) => fits(nodes.get(step)!, tasks);
  const inGangs = new Set(graph.edges.flatMap(({ kind, to }) => (kind === 'gang' ? [to] : [])));
  return (path, node) => {
    const luck = chance(seed, `${path} ends`);
    if (luck < failing) {
      const kind = luck < failing / 8 ? 'is-cancelled' : 'fails';
      const isBroken = chance(seed, `${path} breaks`) < streaming && !inGangs.has(node.name);
      return { kind, ...(isBroken ? yieldedBefore(node, { seed, path }) : {}) };
    }
    const late = path.includes(`r${LAST_ROUND}`);
    const allowed = (to: string) => !(late && backs.has(`${node.name}>${to}`));
    return { kind: 'succeeds', transition: take(node, { seed, path, allowed, canGang }) };
  };
}

export interface Chances {
  readonly failing: number;
  /** Whether so many tasks of a step can run at the same time. Default: two of any. */
  readonly fits?: (node: GraphNode, tasks: number) => boolean;
  /** Of the foreaches that fail: how many yielded some items before. */
  readonly streaming?: number;
}

const isPair = (_node: GraphNode, tasks: number): boolean => tasks <= 2;

function yieldedBefore({ transition }: GraphNode, { seed, path }: { seed: number; path: string }) {
  if (transition.kind !== 'foreach') return {};
  const size = choose(seed, `${path} yielded`, [0, 1, 2, 3]);
  return { yielded: { to: transition.to, ...itemsOf(size, { seed, path }) } };
}

/** Mostly the same whatever the seed, so that other code has some of the items in common. */
function itemsOf(size: number, { seed, path }: { seed: number; path: string }) {
  const isOther = chance(seed, `${path} has other keys`) < 0.2;
  if (chance(isOther ? seed : 0, `${path} has keys`) < 0.5) return keyedItems(size, { seed, path });
  const values = Array.from({ length: size }, (_, n) =>
    chance(seed, `${path} item ${n}`) < 0.7 ? `${n}` : `${n}of${seed}`,
  );
  return { size, pages: size === 0 ? [] : [pageOf(0, values)] };
}

/** In another order with each seed, and of a few keys not always the same ones. */
function keyedItems(size: number, { seed, path }: { seed: number; path: string }) {
  const keys = ['a', 'b', 'c', 'd'].toSorted(
    (one, other) => chance(seed, `${path} has ${one}`) - chance(seed, `${path} has ${other}`),
  );
  const items = keys.slice(0, size).map((key) => {
    const isChanged = chance(seed, `${path} changes ${key}`) < 0.2;
    return `${key}:${key}${isChanged ? seed : ''}`;
  });
  return { size, pages: size === 0 ? [] : [pageOf(0, items)] };
}

function take(
  { transition }: GraphNode,
  by: {
    seed: number;
    path: string;
    allowed: (to: string) => boolean;
    canGang: (step: string, tasks: number) => boolean;
  },
): TakenTransition {
  switch (transition.kind) {
    case 'end':
    case 'next':
      return transition;
    case 'switch': {
      const cases = transition.cases.filter(({ to }) => by.allowed(to));
      return { kind: 'switch', ...choose(by.seed, `${by.path} case`, cases) };
    }
    case 'foreach': {
      const size = choose(by.seed, `${by.path} size`, [0, 1, 2, 2, 3]);
      return { kind: 'foreach', to: transition.to, ...itemsOf(size, by) };
    }
    case 'gang': {
      const sizes = [1, 2, 3].filter((tasks) => by.canGang(transition.to, tasks));
      const size = choose(by.seed, `${by.path} gang`, sizes);
      const numbers = Array.from({ length: size }, (_, n) => `${n}`);
      return { kind: 'gang', to: transition.to, size, pages: [pageOf(0, numbers)] };
    }
  }
}
