/** An acyclic graph by the predecessors of each node; `sequence` is topological, its first is the root. */
export interface Acyclic {
  readonly sequence: readonly number[];
  readonly before: (node: number) => readonly number[];
}

/**
 * Immediate dominators after Cooper, Harvey and Kennedy; without cycles one pass is enough.
 * The root has itself.
 */
export function dominators({ sequence, before }: Acyclic): ReadonlyMap<number, number> {
  const rank = new Map(sequence.map((node, index) => [node, index]));
  const immediate = new Map<number, number>();
  const rankOf = (node: number): number => rank.get(node) ?? 0;
  const up = (node: number): number => immediate.get(node) ?? node;
  const meet = (one: number, other: number): number => {
    let [a, b] = [one, other];
    while (a !== b) {
      while (rankOf(a) > rankOf(b)) a = up(a);
      while (rankOf(b) > rankOf(a)) b = up(b);
    }
    return a;
  };
  for (const node of sequence) {
    const known = before(node).filter((other) => immediate.has(other));
    immediate.set(node, known.length === 0 ? node : known.reduce(meet));
  }
  return immediate;
}
