import type { JoinMark } from './join-mark.ts';
import { type ForeachFrame, hostOf, type MergeOptions } from './step-host.ts';

/** Marks flow classes, over several copies of this package; inherited by subclasses. */
export const FLOW_SPEC = Symbol.for('millrace.FlowSpec');

/**
 * The base class of every flow. Public fields are artifacts: what a step assigns, later steps see.
 * Methods marked with `@step` (or listed in `static steps`) are steps; the first is `start`, the
 * last is `end`. The constructor runs in every task, so it must be cheap and free of effects.
 *
 * @example
 * ```ts
 * export class Squares extends FlowSpec {
 *   numbers = [1, 2, 3];
 *   square = 0;
 *   total = 0;
 *
 *   @step start() {
 *     this.next(this.work, { foreach: this.numbers });
 *   }
 *   @step work(n: number) {
 *     this.square = n * n;
 *     this.next(this.join);
 *   }
 *   @step join(inputs: Inputs<Squares>) {
 *     this.total = inputs.reduce((sum, input) => sum + input.square, 0);
 *     this.next(this.end);
 *   }
 *   @step end() {
 *     console.log(this.total);
 *   }
 * }
 * ```
 */
export abstract class FlowSpec {
  /** @internal */
  static readonly [FLOW_SPEC] = true;

  /**
   * Names what runs after this step: one step, or several that run side by side and meet again in a
   * join. The last thing a step does; every step but `end` does it exactly once.
   *
   * @throws FlowError if an argument is not a step of this flow, or there is no running step.
   * @example this.next(this.left, this.right);
   */
  next<A extends readonly StepArguments<this>[]>(
    ...steps: { readonly [I in keyof A]: Target<A[I]> }
  ): void;
  /**
   * Runs a step once for each item of an iterable or async iterable (but not of a string). The step
   * takes the item as its argument, or reads `this.input`. A join must follow.
   *
   * With a `key`, a unique string or finite number for each item, a resume finds an item by it, also
   * where items were put in, taken out or reordered since; without, by its index.
   *
   * @example this.next(this.summarise, { foreach: this.years });
   * @example this.next(this.score, { foreach: this.rows, key: (row) => row.id });
   */
  next<T>(
    step: (item: T) => StepResult,
    options: { readonly foreach: Items<NoInfer<T>>; readonly key?: ItemKeyOf<NoInfer<T>> },
  ): void;
  /**
   * The same, with the items in the field of that name.
   *
   * @example this.next(this.summarise, { foreach: 'years' });
   */
  next<T, K extends string>(
    this: { readonly [P in K]: Items<NoInfer<T>> },
    step: (item: T) => StepResult,
    options: { readonly foreach: K; readonly key?: ItemKeyOf<NoInfer<T>> },
  ): void;
  /**
   * Runs the one step whose key is the condition's value. There must be a case for every member of
   * the condition's type; numbers and booleans have their text as key.
   *
   * @example this.next({ small: this.quick, big: this.thorough }, { condition: this.size });
   */
  next<C extends Condition, A extends Readonly<Record<`${C}`, StepArguments<this>>>>(
    cases: Cases<A> & NoOtherCases<keyof A, C>,
    options: { readonly condition: C },
  ): void;
  /**
   * The same, with the condition in the field of that name, whose type is a union of literals.
   *
   * @example this.next({ true: this.again, false: this.end }, { condition: 'hasMore' });
   */
  next<K extends string, A extends Readonly<Record<string, StepArguments<this>>>>(
    this: { readonly [P in K]: ConditionOf<NoInfer<keyof A>> },
    cases: Cases<A>,
    options: { readonly condition: K },
  ): void;
  /**
   * Runs `numParallel` tasks of a step at the same time, as one gang. The step takes its own number
   * (from 0), or reads `this.input`.
   *
   * @example this.next(this.train, { numParallel: 4 });
   */
  next(step: (node: number) => StepResult, options: { readonly numParallel: number }): void;
  next(...args: readonly unknown[]): void {
    hostOf(this, 'next').next(args);
  }

  /** The item of the innermost open foreach; undefined outside one. */
  get input(): unknown {
    return hostOf(this, 'input').input;
  }

  /** The index of the item in the innermost open foreach, from 0; undefined outside one. */
  get index(): number | undefined {
    return hostOf(this, 'index').index;
  }

  /** The open foreaches around this step, outermost first; empty outside one. */
  foreachStack(): readonly ForeachFrame[] {
    return hostOf(this, 'foreachStack()').stack;
  }

  /**
   * In a join: takes over every artifact on which all inputs that set it agree. Fields that the join
   * has assigned before stay as they are. Compares hashes, so nothing is loaded.
   *
   * @param inputs The inputs of the join, as they came.
   * @param options `include` or `exclude` field names; default: all.
   * @throws FlowError naming all conflicts if inputs differ; then nothing was set.
   * @example this.mergeArtifacts(inputs, { exclude: ['log'] });
   */
  mergeArtifacts(inputs: readonly unknown[], options: MergeOptions = {}): void {
    hostOf(this, 'mergeArtifacts').merge(inputs, options);
  }
}

/** What a step may take when it is not the target of a foreach: nothing, or its flow's inputs. */
type StepArguments<F> = readonly [] | readonly [inputs: JoinMark<F>];

/**
 * Steps return nothing or a promise, but the compiler must not look: it would infer the results of
 * all steps, in a circle. Only `void` and `any` keep it from doing so, and lint rules about promises
 * would refuse an async step where `void` is expected.
 */
// oxlint-disable-next-line typescript/no-explicit-any
type StepResult = any;
type Target<A> = A extends readonly unknown[] ? (...args: A) => StepResult : never;

type ItemKeyOf<T> = (item: T) => string | number;
type Items<T> = (Iterable<T> | AsyncIterable<T>) & object;
type Condition = string | number | boolean;
type Cases<A> = { readonly [K in keyof A]: Target<A[K]> };

/** Cases that the condition can never take: they must not be there. */
type NoOtherCases<L, C extends Condition> = {
  readonly [K in L & (string | number) as `${K}` extends `${C}` ? never : K]: never;
};

/** The values whose texts are these case labels. */
type ConditionOf<L> = L extends string | number ? `${L}` | ValueOf<`${L}`> : never;
type ValueOf<S extends string> = S extends `${infer N extends number}`
  ? N
  : S extends `${infer B extends boolean}`
    ? B
    : never;
