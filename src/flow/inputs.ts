import type { FlowSpec } from './flow-spec.ts';
import type { JoinMark } from './join-mark.ts';

/**
 * One input of a join: the public fields of the flow as that task left them, read-only, loaded when
 * they are read. Methods are not there (their type is `never`).
 */
export type Input<F> = {
  readonly [K in Exclude<keyof F, Exclude<keyof FlowSpec, 'index'>>]: F[K];
} & {
  // An intersection, not a filter of keys: in a generic flow the filter would lose fields of type T.
  // oxlint-disable-next-line typescript/no-unsafe-function-type -- anything narrower makes the compiler infer the steps' return types, in a circle
  readonly [K in Exclude<keyof F, keyof FlowSpec> as F[K] extends Function ? K : never]: never;
};

/**
 * What a join takes: one view per task that leads into it, in the order of the items (foreach) or
 * of the declaration (branches). For branches each is also there under its step's name.
 *
 * Name the class, as in `Inputs<Weather>`; `Inputs<this>` does not compile.
 *
 * @example
 * ```ts
 * @step join(inputs: Inputs<Weather>) {
 *   this.means = inputs.map((input) => input.mean); // after a foreach
 *   this.total = inputs.left.count + inputs.right.count; // after this.next(this.left, this.right)
 *   this.next(this.end);
 * }
 * ```
 */
export type Inputs<F> = readonly Input<F>[] &
  JoinMark<F> & {
    // oxlint-disable-next-line typescript/no-unsafe-function-type -- as above
    readonly [K in Exclude<keyof F, TakenNames> as F[K] extends Function ? K : never]: Input<F>;
  };

/** Steps of these names are found by index only: `join` is also a method of arrays. */
type TakenNames = keyof FlowSpec | keyof (readonly unknown[]);
