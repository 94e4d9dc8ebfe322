import type { Order } from './order.ts';
import type { Wire } from './wiring.ts';

/** Everything on a path from the head to a switch whose case leads back. */
export interface Loop {
  readonly head: number;
  readonly region: ReadonlySet<number>;
}

export interface FoundLoops {
  readonly loops: ReadonlyMap<number, Loop>;
  /** Back edges that no case takes. */
  readonly cycles: readonly Wire[];
  /** Back edges into regions that can be reached without passing their head. */
  readonly sideDoors: readonly Wire[];
}

export function findLoops(order: Order, dominates: (a: number, b: number) => boolean): FoundLoops {
  const ends = new Map<number, number[]>();
  const cycles: Wire[] = [];
  const sideDoors: Wire[] = [];
  for (const edge of order.back) {
    if (edge.kind !== 'case') cycles.push(edge);
    else if (!dominates(edge.to, edge.from)) sideDoors.push(edge);
    else {
      const known = ends.get(edge.to);
      if (known === undefined) ends.set(edge.to, [edge.from]);
      else known.push(edge.from);
    }
  }
  const loops = new Map(
    [...ends].map(([head, from]) => [head, { head, region: regionOf(head, from, order) }]),
  );
  return { loops, cycles, sideDoors };
}

/** The head dominates the ends, so walking backwards from them cannot miss it. */
function regionOf(head: number, ends: readonly number[], order: Order): ReadonlySet<number> {
  const region = new Set([head]);
  const open = [...ends];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    if (region.has(step)) continue;
    region.add(step);
    for (const { from } of order.into[step] ?? []) open.push(from);
  }
  return region;
}
