import { dominators } from './dominators.ts';
import type { Order } from './order.ts';

/**
 * True if two in-edges of a step can be live in one activation of its frame: some split has two paths
 * to it that share nothing but their ends. By Menger's theorem that is a split whose immediate
 * postdominator, among the paths to the step, is the step itself. Only what lies between the step and
 * its immediate dominator can matter, so a chain of diamonds costs linear time.
 */
export function branchesMeet(step: number, dominator: number, order: Order): boolean {
  const region = between(step, dominator, order);
  const rank = (node: number): number => order.rank.get(node) ?? 0;
  const sequence = [...region].toSorted((a, b) => rank(b) - rank(a));
  const after = (node: number): number[] =>
    node === step
      ? []
      : (order.forward[node] ?? []).map(({ to }) => to).filter((to) => region.has(to));
  const immediate = dominators({ sequence, before: after });
  return sequence.some(
    (node) => node !== step && immediate.get(node) === step && splits(node, { region, order }),
  );
}

function splits(
  node: number,
  { region, order }: { readonly region: ReadonlySet<number>; readonly order: Order },
): boolean {
  const edges = (order.forward[node] ?? []).filter(({ to }) => region.has(to));
  return edges.length > 1 && edges.every(({ kind }) => kind === 'next');
}

function between(step: number, dominator: number, order: Order): ReadonlySet<number> {
  const region = new Set([step, dominator]);
  const open = (order.into[step] ?? []).map(({ from }) => from);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (region.has(node)) continue;
    region.add(node);
    for (const { from } of order.into[node] ?? []) open.push(from);
  }
  return region;
}
