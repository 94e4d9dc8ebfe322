import fc from 'fast-check';
import type { FireRule, FlowGraph, GraphLevel, GraphNode } from '../../src/model/graph.ts';

/**
 * A flow as nested blocks: whatever is drawn is a graph that lint accepts, save that ways that leave
 * a loop from inside a split may meet in a plain step. The token rule does not mind.
 */
export type Block =
  | { readonly kind: 'step' }
  /** Branches that meet in one join; an empty branch is a single step. */
  | { readonly kind: 'split'; readonly branches: readonly (readonly Block[])[] }
  /** Steps in topological order, each with the earlier ones that it waits for. */
  | { readonly kind: 'tangle'; readonly waitsFor: readonly (readonly number[])[] }
  | { readonly kind: 'foreach' | 'gang'; readonly body: readonly Block[] }
  /** Cases that meet in whatever comes next; an empty case goes there directly. */
  | { readonly kind: 'switch'; readonly cases: readonly (readonly Block[])[] }
  | { readonly kind: 'loop'; readonly body: readonly Block[] }
  /** A switch that may leave `loops` loops, or go on with the next round of the outermost of these. */
  | { readonly kind: 'jump'; readonly loops: number; readonly how: 'break' | 'continue' };

const anyLeaf: fc.Arbitrary<Block> = fc.oneof(
  fc.constant<Block>({ kind: 'step' }),
  fc.record({
    kind: fc.constant('jump' as const),
    loops: fc.integer({ min: 1, max: 2 }),
    how: fc.constantFrom('break' as const, 'continue' as const),
  }),
);

const anyTangle = fc.record({
  kind: fc.constant('tangle' as const),
  waitsFor: fc.array(fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 5,
  }),
});

/** Up to `depth` blocks inside each other; mostly not leaves, or drawn flows would be trivial. */
function blocksOf(depth: number): fc.Arbitrary<Block[]> {
  if (depth === 0) return fc.array(anyLeaf, { maxLength: 2, size: 'max' });
  const inner = blocksOf(depth - 1);
  const branches = fc.array(inner, { minLength: 2, maxLength: 3 });
  const block = fc.oneof(
    { weight: 2, arbitrary: anyLeaf },
    { weight: 1, arbitrary: anyTangle },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('split' as const), branches }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constantFrom('foreach', 'foreach', 'gang'), body: inner }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('switch' as const), cases: branches }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('loop' as const), body: inner }) },
  );
  return fc.array(block, { minLength: depth > 2 ? 1 : 0, maxLength: 2, size: 'max' });
}

const RULES: readonly FireRule[] = [
  'allLive',
  'allDone',
  'oneFailed',
  'noneFailed',
  'always',
  'anyLive',
];

/** What a class of steps can say. */
export const anyClassGraph: fc.Arbitrary<FlowGraph> = blocksOf(3).map((blocks) =>
  buildGraph(blocks, ['anyLive']),
);

/** Half of the graphs are class flows; the others mix the rules. */
export const anyGraph: fc.Arbitrary<FlowGraph> = fc
  .record({
    blocks: blocksOf(4),
    rules: fc.oneof(
      fc.constant<readonly FireRule[]>(['anyLive']),
      fc.array(fc.constantFrom(...RULES), { minLength: 1, maxLength: 9 }),
    ),
  })
  .map(({ blocks, rules }) => buildGraph(blocks, rules));

/** A way out of a block that the next step takes up. */
type OpenEnd = { readonly from: Draft; readonly label?: string };
type Draft = { -readonly [K in keyof GraphNode]: GraphNode[K] };
type Loop = { head?: Draft; readonly exits: OpenEnd[] };
/** Where a block stands: the levels around it, and the loops that a jump may leave. */
type Place = { readonly levels: readonly GraphLevel[]; readonly loops: readonly Loop[] };

export function buildGraph(blocks: readonly Block[], rules: readonly FireRule[]): FlowGraph {
  return new Builder(rules).build(blocks);
}

class Builder {
  readonly #nodes: Draft[] = [];
  readonly #edges: FlowGraph['edges'][number][] = [];
  readonly #rules: readonly FireRule[];

  constructor(rules: readonly FireRule[]) {
    this.#rules = rules;
  }

  build(blocks: readonly Block[]): FlowGraph {
    const ends = this.#sequence(blocks, [], { levels: [], loops: [] });
    this.#step(ends, { levels: [], loops: [] });
    return { flow: 'Drawn', nodes: this.#nodes, edges: this.#edges };
  }

  #sequence(blocks: readonly Block[], entry: readonly OpenEnd[], place: Place) {
    return blocks.reduce<readonly OpenEnd[]>(
      (ends, block) => this.#block(block, ends, place),
      entry,
    );
  }

  #block(block: Block, entry: readonly OpenEnd[], place: Place): readonly OpenEnd[] {
    switch (block.kind) {
      case 'step':
        return [{ from: this.#step(entry, place) }];
      case 'split':
        return this.#split(block.branches, entry, place);
      case 'tangle':
        return this.#tangle(block.waitsFor, entry, place);
      case 'foreach':
      case 'gang':
        return this.#fanOut(block, entry, place);
      case 'switch': {
        const from = this.#step(entry, place);
        return block.cases.flatMap((body, n) =>
          this.#sequence(body, [{ from, label: `case${n}` }], place),
        );
      }
      case 'loop':
        return this.#loop(block.body, entry, place);
      case 'jump':
        return this.#jump(block, entry, place);
    }
  }

  #split(branches: readonly (readonly Block[])[], entry: readonly OpenEnd[], place: Place) {
    const fork = this.#step(entry, place);
    const ends = branches.flatMap((branch) => {
      const first = this.#step([{ from: fork }], place);
      return this.#sequence(branch, [{ from: first }], place);
    });
    return [{ from: this.#join(ends, fork, place) }];
  }

  #tangle(waitsFor: readonly (readonly number[])[], entry: readonly OpenEnd[], place: Place) {
    const fork = this.#step(entry, place);
    const made = [fork];
    for (const earlier of waitsFor) {
      const sources = [...new Set(earlier.map((n) => made[n % made.length]!))];
      const ends = sources.map((from) => ({ from }));
      const joins = ends.length > 1;
      made.push(joins ? this.#join(ends, fork, place) : this.#step(ends, place));
    }
    const sinks = made.filter((node) => node.transition.kind === 'end').map((from) => ({ from }));
    return [{ from: sinks.length > 1 ? this.#join(sinks, fork, place) : this.#step(sinks, place) }];
  }

  #fanOut(
    { kind, body }: Extract<Block, { kind: 'foreach' | 'gang' }>,
    entry: readonly OpenEnd[],
    place: Place,
  ) {
    const splitter = this.#step(entry, place);
    const levels = [...place.levels, { kind: 'foreach', step: splitter.name } as const];
    const inside = { levels, loops: [] };
    const target = this.#step([], inside);
    target.takes = 'item';
    splitter.transition = { kind, to: target.name };
    this.#edges.push({ from: splitter.name, to: target.name, kind });
    const ends = this.#sequence(body, [{ from: target }], inside);
    const join = this.#join(ends, splitter, place);
    join.joins = 'frame';
    return [{ from: join }];
  }

  #loop(body: readonly Block[], entry: readonly OpenEnd[], place: Place) {
    const level = { kind: 'loop', head: `s${this.#nodes.length}` } as const;
    const loop: Loop = { exits: [] };
    const inside = { levels: [...place.levels, level], loops: [...place.loops, loop] };
    loop.head = this.#step(entry, inside);
    const last = body.length === 0 ? loop.head : undefined;
    const ends = this.#sequence(body, [{ from: loop.head }], inside);
    const tail = last ?? this.#step(ends, inside);
    this.#back(tail, loop);
    return [...loop.exits, { from: tail, label: 'done' }];
  }

  #jump({ loops, how }: Extract<Block, { kind: 'jump' }>, entry: readonly OpenEnd[], place: Place) {
    const from = this.#step(entry, place);
    const loop = place.loops.at(-Math.min(loops, place.loops.length));
    if (loop === undefined) return [{ from }];
    if (how === 'break') loop.exits.push({ from, label: 'out' });
    else this.#back(from, loop);
    return [{ from, label: 'on' }];
  }

  #back(from: Draft, loop: Loop): void {
    this.#case(from, loop.head!, 'again');
    this.#edges.push({ from: from.name, to: loop.head!.name, kind: 'back' });
  }

  #step(entry: readonly OpenEnd[], place: Place): Draft {
    const n = this.#nodes.length;
    const node: Draft = {
      name: `s${n}`,
      takes: 'nothing',
      joins: 'none',
      fires: this.#rules[n % this.#rules.length]!,
      levels: place.levels,
      transition: { kind: 'end' },
      policy: {},
      decorators: [],
      sets: [],
    };
    this.#nodes.push(node);
    for (const end of entry) this.#connect(end, node);
    return node;
  }

  #join(entry: readonly OpenEnd[], fork: Draft, place: Place): Draft {
    const node = this.#step(entry, place);
    return Object.assign(node, { takes: 'inputs', joins: 'branches', closes: fork.name });
  }

  #connect({ from, label }: OpenEnd, to: Draft): void {
    if (label !== undefined) {
      const known = this.#edges.some((edge) => edge.from === from.name && edge.to === to.name);
      if (!known) this.#edges.push({ from: from.name, to: to.name, kind: 'case' });
      return this.#case(from, to, label);
    }
    const before = from.transition.kind === 'next' ? from.transition.to : [];
    from.transition = { kind: 'next', to: [...before, to.name] };
    this.#edges.push({ from: from.name, to: to.name, kind: 'next' });
  }

  #case(from: Draft, to: Draft, label: string): void {
    const before = from.transition.kind === 'switch' ? from.transition.cases : [];
    from.transition = { kind: 'switch', cases: [...before, { label, to: to.name }] };
  }
}
