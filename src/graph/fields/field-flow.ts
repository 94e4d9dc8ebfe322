import type { ShapeContext } from '../rules/lint-rule.ts';

/**
 * Where a field may have a value. Values pass along edges, but not through a join: that starts with
 * what its fork had, and gets the rest only by assigning or merging it.
 */
export class FieldFlow {
  readonly #context: ShapeContext;
  /** Joins by their fork. */
  readonly #joinsOf = new Map<number, number[]>();
  /** Joins that take nothing over. */
  readonly #walls = new Set<number>();

  constructor(context: ShapeContext) {
    this.#context = context;
    const { source, fields, shape } = context;
    for (const [join, { closes }] of shape.nodes) {
      const step = source.steps[join];
      if (closes === undefined || step === undefined) continue;
      const { merges, escapes } = fields.of(step);
      if (!merges && !escapes) this.#walls.add(join);
      const others = this.#joinsOf.get(closes);
      if (others === undefined) this.#joinsOf.set(closes, [join]);
      else others.push(join);
    }
  }

  /** Steps that set the field, or could. */
  settersOf(field: string): readonly number[] {
    const { source, fields } = this.#context;
    return source.steps.flatMap((step, number) => {
      const { sets, escapes } = fields.of(step);
      return sets.has(field) || escapes ? [number] : [];
    });
  }

  /** The steps that may find a value or set one themselves. */
  reach(setters: readonly number[]): ReadonlySet<number> {
    return this.#walk(setters, (step) => {
      const wires = this.#context.shape.wiring.out[step] ?? [];
      const open = wires.map(({ to }) => to).filter((to) => !this.#walls.has(to));
      return [...open, ...(this.#joinsOf.get(step) ?? [])];
    });
  }

  /** All steps after the setters, joins or not. */
  after(setters: readonly number[]): ReadonlySet<number> {
    const { out } = this.#context.shape.wiring;
    return this.#walk(setters, (step) => (out[step] ?? []).map(({ to }) => to));
  }

  /** What the steps between a fork and its join may set. */
  setBetween(fork: number, join: number): ReadonlySet<string> {
    const { source, fields, shape } = this.#context;
    const before = (step: number): number[] =>
      step === fork ? [] : (shape.order.into[step] ?? []).map(({ from }) => from);
    const names = new Set<string>();
    for (const number of this.#walk([join], before)) {
      const step = source.steps[number];
      if (step === undefined || number === fork || number === join) continue;
      for (const name of fields.of(step).sets) names.add(name);
    }
    return names;
  }

  #walk(from: readonly number[], next: (step: number) => readonly number[]): ReadonlySet<number> {
    const reached = new Set(from);
    for (const step of reached) for (const to of next(step)) reached.add(to);
    return reached;
  }
}
