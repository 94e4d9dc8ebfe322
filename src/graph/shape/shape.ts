import type { FlowSource, SourceStep } from '../source/flow-source.ts';
import { dominators } from './dominators.ts';
import { findLoops, type Loop } from './loops.ts';
import { Meetings } from './meetings.ts';
import { type Order, orderSteps } from './order.ts';
import { type Wire, type Wiring, wire } from './wiring.ts';

export type ShapeLevel =
  | { readonly kind: 'foreach'; readonly step: number }
  | { readonly kind: 'loop'; readonly head: number };

export interface ShapeNode {
  readonly takes: 'nothing' | 'item' | 'inputs';
  readonly joins: 'none' | 'branches' | 'frame';
  readonly closes: number | undefined;
  readonly levels: readonly ShapeLevel[];
}

/** What is wrong with how steps hang together; rules turn it into words. */
export type Finding =
  | { readonly kind: 'cycle' | 'side-door' | 'back-in-foreach' | 'loop-exit'; readonly wire: Wire }
  | {
      readonly kind:
        | 'shared-item-step'
        | 'branches-meet'
        | 'lonely-join'
        | 'loop-join'
        | 'crossed-join';
      readonly step: number;
    }
  | { readonly kind: 'depths'; readonly step: number; readonly one: number; readonly other: number }
  | { readonly kind: 'open-end'; readonly step: number; readonly foreach: number };

export interface FlowShape {
  readonly wiring: Wiring;
  readonly order: Order;
  /** Reachable steps whose place could be found. */
  readonly nodes: ReadonlyMap<number, ShapeNode>;
  readonly findings: readonly Finding[];
  /** False if a reachable step leads nobody knows where. */
  readonly isWhole: boolean;
}

/** Finds levels, loops and joins. Undefined without a start. Every step that follows a mistake is left out. */
export function findShape(source: FlowSource): FlowShape | undefined {
  const wiring = wire(source);
  const start = wiring.numbers.get('start');
  return start === undefined ? undefined : new ShapeFinder(wiring, start).find();
}

/** How a step is reached. */
interface Arrival {
  readonly around: readonly ShapeLevel[];
  /** Whether branches of a split come together. */
  readonly meets: boolean;
}

type Placed = Omit<ShapeNode, 'takes'>;

class ShapeFinder {
  readonly #wiring: Wiring;
  readonly #order: Order;
  readonly #meetings: Meetings;
  readonly #immediate: ReadonlyMap<number, number>;
  readonly #loops: ReadonlyMap<number, Loop>;
  readonly #nodes = new Map<number, ShapeNode>();
  readonly #findings: Finding[] = [];

  constructor(wiring: Wiring, start: number) {
    this.#wiring = wiring;
    this.#order = orderSteps(wiring, start);
    this.#meetings = new Meetings(this.#order);
    const { sequence, into } = this.#order;
    const before = (step: number): number[] => (into[step] ?? []).map(({ from }) => from);
    this.#immediate = dominators({ sequence, before });
    const found = findLoops(this.#order, (a, b) => this.#dominates(a, b));
    this.#loops = found.loops;
    for (const edge of found.cycles) this.#findings.push({ kind: 'cycle', wire: edge });
    for (const edge of found.sideDoors) this.#findings.push({ kind: 'side-door', wire: edge });
  }

  find(): FlowShape {
    for (const step of this.#order.sequence) this.#place(step);
    for (const edge of this.#order.back) this.#checkBack(edge);
    return {
      wiring: this.#wiring,
      order: this.#order,
      nodes: this.#nodes,
      findings: this.#findings,
      isWhole: !this.#wiring.holes.some((step) => this.#order.rank.has(step)),
    };
  }

  #place(step: number): void {
    const into = this.#order.into[step] ?? [];
    const fans = into.filter(({ kind }) => kind === 'foreach' || kind === 'gang');
    if (fans.length > 0 && into.length > 1) {
      this.#findings.push({ kind: 'shared-item-step', step });
      return;
    }
    const around = this.#levelsBefore(step, into);
    if (around === undefined || this.#isOpenEnd(step, around)) return;
    const takes = this.#takes(step, fans);
    const arrival = { around, meets: this.#meetings.meet(step, this.#up(step)) };
    const place = takes === 'inputs' ? this.#join(step, arrival) : this.#plain(step, arrival);
    if (place === undefined) return;
    const isHead = this.#loops.has(step);
    const levels: readonly ShapeLevel[] = isHead
      ? [...place.levels, { kind: 'loop', head: step }]
      : place.levels;
    this.#nodes.set(step, { ...place, takes, levels });
    if (takes === 'inputs' && isHead) this.#findings.push({ kind: 'loop-join', step });
  }

  #isOpenEnd(step: number, around: readonly ShapeLevel[]): boolean {
    if (this.#step(step).name !== 'end') return false;
    const open = around.findLast((level) => level.kind === 'foreach');
    if (open !== undefined) this.#findings.push({ kind: 'open-end', step, foreach: open.step });
    return open !== undefined;
  }

  #takes(step: number, fans: readonly Wire[]): ShapeNode['takes'] {
    if (fans.length > 0) return 'item';
    const { name, definition } = this.#step(step);
    return definition.arity > 0 && name !== 'start' && name !== 'end' ? 'inputs' : 'nothing';
  }

  #plain(step: number, { around, meets }: Arrival): Placed | undefined {
    if (!meets) return { levels: around, joins: 'none', closes: undefined };
    this.#findings.push({ kind: 'branches-meet', step });
    return undefined;
  }

  #join(step: number, { around, meets }: Arrival): Placed | undefined {
    if (meets) {
      const closes = this.#forkOf(step, around);
      if (closes !== undefined) return { levels: around, joins: 'branches', closes };
      this.#findings.push({ kind: 'crossed-join', step });
      return undefined;
    }
    const last = around.at(-1);
    if (last?.kind === 'foreach') {
      return { levels: around.slice(0, -1), joins: 'frame', closes: last.step };
    }
    const kind = around.some((level) => level.kind === 'foreach') ? 'crossed-join' : 'lonely-join';
    this.#findings.push({ kind, step });
    return undefined;
  }

  /** The nearest common dominator that stands at the join's own levels. */
  #forkOf(step: number, levels: readonly ShapeLevel[]): number | undefined {
    for (let at = this.#up(step); ; at = this.#up(at)) {
      const node = this.#nodes.get(at);
      if (node !== undefined && sameLevels(node.levels, levels)) return at;
      if (at === this.#up(at)) return undefined;
    }
  }

  /** The levels in which all in-edges arrive; undefined after a mistake, which is noted once. */
  #levelsBefore(step: number, into: readonly Wire[]): readonly ShapeLevel[] | undefined {
    let found: { readonly levels: readonly ShapeLevel[]; readonly from: number } | undefined;
    for (const edge of into) {
      const levels = this.#levelsAlong(edge);
      if (levels === undefined) return undefined;
      if (found === undefined) found = { levels, from: edge.from };
      else if (!sameLevels(found.levels, levels)) {
        this.#findings.push({ kind: 'depths', step, one: found.from, other: edge.from });
        return undefined;
      }
    }
    return found?.levels ?? [];
  }

  #levelsAlong(edge: Wire): readonly ShapeLevel[] | undefined {
    const source = this.#nodes.get(edge.from);
    if (source === undefined) return undefined;
    let { levels } = source;
    const outermost = levels.findIndex(
      (level) => level.kind === 'loop' && this.#leaves(level, edge),
    );
    if (outermost >= 0) {
      const inForeach = levels.slice(outermost).some(({ kind }) => kind === 'foreach');
      if (edge.kind !== 'case' || inForeach) {
        this.#findings.push({ kind: 'loop-exit', wire: edge });
        return undefined;
      }
      levels = levels.slice(0, outermost);
    }
    if (edge.kind !== 'foreach' && edge.kind !== 'gang') return levels;
    return [...levels, { kind: 'foreach', step: edge.from }];
  }

  #leaves({ head }: { readonly head: number }, { to }: Wire): boolean {
    return this.#loops.get(head)?.region.has(to) !== true;
  }

  #checkBack(edge: Wire): void {
    const [from, to] = [this.#nodes.get(edge.from), this.#nodes.get(edge.to)];
    if (from === undefined || to === undefined || !this.#loops.has(edge.to)) return;
    const inside = from.levels.slice(to.levels.length);
    const sameFrame = sameLevels(from.levels.slice(0, to.levels.length), to.levels);
    if (sameFrame && !inside.some(({ kind }) => kind === 'foreach')) return;
    this.#findings.push({ kind: 'back-in-foreach', wire: edge });
  }

  #dominates(above: number, below: number): boolean {
    const rank = (step: number): number => this.#order.rank.get(step) ?? 0;
    let at = below;
    while (rank(at) > rank(above)) at = this.#up(at);
    return at === above;
  }

  #up(step: number): number {
    return this.#immediate.get(step) ?? step;
  }

  #step(step: number): SourceStep {
    const found = this.#wiring.steps[step];
    if (found === undefined) throw new RangeError(`no step ${step}`);
    return found;
  }
}

function sameLevels(a: readonly ShapeLevel[], b: readonly ShapeLevel[]): boolean {
  return a.length === b.length && a.every((level, index) => sameLevel(level, b[index]));
}

function sameLevel(a: ShapeLevel, b: ShapeLevel | undefined): boolean {
  if (a.kind === 'foreach') return b?.kind === 'foreach' && a.step === b.step;
  return b?.kind === 'loop' && a.head === b.head;
}
