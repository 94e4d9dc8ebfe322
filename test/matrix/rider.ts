import type { ExpectedTask } from './expected-run.ts';
import type { Fields } from './fields.ts';
import type { Shape, ShapeStep } from './shape.ts';

/** Code in the steps of a flow of any shape, and what that code must do to the fields of each task. */
export interface Rider {
  readonly name: string;
  /** Names that its code needs from `millrace`. */
  readonly imports?: readonly string[];
  /** Above the class. */
  readonly prelude?: string;
  /** Initial values, as JSON can hold them. */
  readonly fields?: { readonly [name: string]: unknown };
  /** Lines of the class that declare parameters. */
  readonly parameters?: readonly string[];
  decorators?(step: ShapeStep, shape: Shape): readonly string[];
  /**
   * Statements for the body of a step; `here` is the task's path there, `inputs` those of a join,
   * `item` the item of a foreach.
   */
  code?(step: ShapeStep, shape: Shape): readonly string[];
  /** The task fails and is caught: of all effects it has only this one's. */
  isCaught?(task: ExpectedTask, shape: Shape): boolean;
  /** What the code does. */
  effect?(fields: Fields, task: ExpectedTask, shape: Shape): void;
}

export const isJoin = (step: ShapeStep): boolean => step.closes !== undefined;
