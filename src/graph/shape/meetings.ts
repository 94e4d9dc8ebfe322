import { dominators } from './dominators.ts';
import type { Order } from './order.ts';

/**
 * Tells whether two in-edges of a step can be live in one activation of its frame: some split has two
 * paths to it that share nothing but their ends. By Menger's theorem that is a split whose immediate
 * postdominator, among the paths to the step, is the step itself; and where several paths lead to a
 * step, its own immediate dominator is such a fork. So only below a switch is there more to look at,
 * and nothing where no split stands between the two.
 */
export class Meetings {
  readonly #order: Order;
  /** Per rank, how many splits come before it. */
  readonly #splitsBefore: readonly number[];

  constructor(order: Order) {
    this.#order = order;
    const counts = [0];
    for (const [rank, step] of order.sequence.entries()) {
      counts.push((counts[rank] ?? 0) + (isSplit(step, order) ? 1 : 0));
    }
    this.#splitsBefore = counts;
  }

  meet(step: number, dominator: number): boolean {
    if ((this.#order.into[step] ?? []).length < 2) return false;
    if (isSplit(dominator, this.#order)) return true;
    const [first, last] = [this.#rank(dominator) + 1, this.#rank(step)];
    const splits = (this.#splitsBefore[last] ?? 0) - (this.#splitsBefore[first] ?? 0);
    return splits > 0 && this.#meetBelowSwitch(step, dominator);
  }

  #meetBelowSwitch(step: number, dominator: number): boolean {
    const region = between(step, dominator, this.#order);
    const sequence = [...region].toSorted((a, b) => this.#rank(b) - this.#rank(a));
    const after = (node: number): number[] =>
      node === step
        ? []
        : (this.#order.forward[node] ?? []).map(({ to }) => to).filter((to) => region.has(to));
    const immediate = dominators({ sequence, before: after });
    return sequence.some(
      (node) =>
        immediate.get(node) === step && isSplit(node, this.#order) && after(node).length > 1,
    );
  }

  #rank(step: number): number {
    return this.#order.rank.get(step) ?? 0;
  }
}

function isSplit(step: number, { forward }: Order): boolean {
  const edges = forward[step] ?? [];
  return edges.length > 1 && edges.every(({ kind }) => kind === 'next');
}

function between(step: number, dominator: number, { into }: Order): ReadonlySet<number> {
  const region = new Set([step, dominator]);
  const open = (into[step] ?? []).map(({ from }) => from);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (region.has(node)) continue;
    region.add(node);
    for (const { from } of into[node] ?? []) open.push(from);
  }
  return region;
}
