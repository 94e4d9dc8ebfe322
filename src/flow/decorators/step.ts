import { decorateAsStep, type MethodContext, type StepDecorator } from '../step-mark.ts';

/**
 * Makes a method a step of its flow. It may stand with or without parentheses, below or above other
 * decorators. A method that overrides a step is a step without it.
 *
 * A step takes no argument, or one: the item where it is the target of a foreach, the inputs where
 * it is a join. It may be async.
 *
 * @throws FlowError if it stands on anything but a method of an instance.
 * @example
 * ```ts
 * @step start() {
 *   this.next(this.end);
 * }
 * ```
 */
export function step(): StepDecorator;
// oxlint-disable-next-line typescript/no-unsafe-function-type -- anything narrower makes the compiler infer the step's result, in a circle
export function step(method: Function, context: MethodContext): void;
export function step(
  prototype: object,
  name: string | symbol,
  descriptor: PropertyDescriptor,
): void;
export function step(...call: readonly unknown[]): StepDecorator | void {
  if (call.length === 0) return decorateAsStep;
  decorateAsStep(...call);
}
