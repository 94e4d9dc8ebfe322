import type { ArtifactRef } from '../../src/model/artifact.ts';
import type { FlowGraph, GraphNode } from '../../src/model/graph.ts';
import type { Hash } from '../../src/model/ids.ts';
import type { TakenTransition } from '../../src/model/task.ts';
import { chance, choose } from './chance.ts';
import type { Oracle } from './oracle.ts';

/** Loops end: nobody asks for a round after this one. */
const LAST_ROUND = 2;

/** How each task of a drawn graph ends: a function of its path, so that all interpreters agree. */
export function randomOracle(
  graph: FlowGraph,
  seed: number,
  { failing, streaming = 0 }: Chances,
): Oracle {
  const backs = new Set(
    graph.edges.filter((edge) => edge.kind === 'back').map((edge) => `${edge.from}>${edge.to}`),
  );
  return (path, node) => {
    const luck = chance(seed, `${path} ends`);
    if (luck < failing) {
      const kind = luck < failing / 8 ? 'is-cancelled' : 'fails';
      const isBroken = chance(seed, `${path} breaks`) < streaming;
      return { kind, ...(isBroken ? yieldedBefore(node, { seed, path }) : {}) };
    }
    const late = path.includes(`r${LAST_ROUND}`);
    const allowed = (to: string) => !(late && backs.has(`${node.name}>${to}`));
    return { kind: 'succeeds', transition: take(node, { seed, path, allowed }) };
  };
}

export interface Chances {
  readonly failing: number;
  /** Of the foreaches that fail: how many yielded some items before. */
  readonly streaming?: number;
}

function yieldedBefore({ transition }: GraphNode, { seed, path }: { seed: number; path: string }) {
  if (transition.kind !== 'foreach') return {};
  const size = choose(seed, `${path} yielded`, [0, 1, 2, 3]);
  return { yielded: { to: transition.to, size } };
}

function take(
  { name, transition }: GraphNode,
  by: { seed: number; path: string; allowed: (to: string) => boolean },
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
      const pages = size === 0 ? [] : [{ first: 0, count: size, ref: PAGE }];
      return { kind: 'foreach', to: transition.to, size, pages };
    }
    case 'gang':
      throw new Error(`${name} is a gang`);
  }
}

export const PAGE: ArtifactRef = { hash: '0'.repeat(64) as Hash, size: 0, encoding: 'cbor' };
