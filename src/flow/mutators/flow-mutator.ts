import { FlowError } from '../../model/errors.ts';
import type { FlowSpec } from '../flow-spec.ts';
import { isDecoratorCall } from '../step-mark.ts';
import { isFlowClass } from '../steps.ts';
import type { FlowMutatorDefinition } from './mutable-flow.ts';
import { markedMutators, markMutators, markUse } from './mutator-marks.ts';

/** A class decorator, in the standard and in the legacy call shape. */
export type FlowDecorator = (flow: abstract new () => FlowSpec, context?: ClassContext) => void;

/** The part of TC39's context that we read. */
interface ClassContext {
  readonly kind: 'class';
}

/** Made by {@link flowMutator}: `@hardened({ … })`, and `@hardened` where it needs no options. */
export type FlowMutator<Given> = ((options: Given) => FlowDecorator) &
  (undefined extends Given ? FlowDecorator & (() => FlowDecorator) : unknown);

/**
 * Makes a flow mutator: a decorator of flow classes that adds and removes decorators of steps and
 * parameters. It runs once in each process, when the flow's modules have loaded and before anything
 * looks at the flow. Without decorator syntax, list it: `static mutators = [hardened({ times: 2 })]`.
 *
 * A class may have several: they run in the order in which they are written, decorators before
 * `static mutators`, and those of base classes first. A base class and its other flows stay as they are.
 *
 * What the mutators made is compared: a task whose process made something else fails.
 *
 * @throws FlowError if the definition has no usable name, no `mutate`, or something unknown.
 * @example
 * ```ts
 * const hardened = flowMutator<{ times: number }>({
 *   name: 'hardened',
 *   mutate({ flow, options }) {
 *     for (const step of flow.steps) {
 *       if (!step.has('retry')) step.add(retry({ times: options.times }));
 *     }
 *     flow.addParameter('dryRun', param.boolean({ default: false }));
 *   },
 * });
 * ```
 */
export function flowMutator<Given = void, Options = Given>(
  definition: FlowMutatorDefinition<Given, Options>,
): FlowMutator<Given>;
export function flowMutator(definition: FlowMutatorDefinition<unknown>): object {
  checkDefinition(definition);
  const mutator = (...call: readonly unknown[]): object | void => {
    if (!isClassCall(call)) return mutatorWith(definition, call);
    addMutator(definition.name, mutator, call);
  };
  return markUse(mutator, { definition, given: [] });
}

const KEYS: readonly string[] = ['name', 'options', 'mutate'];

function checkDefinition(definition: FlowMutatorDefinition<unknown>): void {
  const { name }: Partial<typeof definition> = definition ?? {};
  const isNamed = typeof name === 'string' && /^\p{L}[\p{L}\p{N}_]*$/u.test(name);
  const unknown = Object.keys(definition ?? {}).find((key) => !KEYS.includes(key));
  if (isNamed && typeof definition.mutate === 'function' && unknown === undefined) return;
  const message =
    unknown === undefined
      ? 'flowMutator needs an object with a name and a function mutate'
      : `flowMutator has no "${unknown}": it has ${KEYS.join(', ')}`;
  const hint = "write flowMutator({ name: 'hardened', mutate({ flow }) { … } })";
  throw new FlowError(message, { code: 'BAD_DECORATOR', hint });
}

/** Legacy decorators of classes are given the class alone. */
function isClassCall(call: readonly unknown[]): boolean {
  return isDecoratorCall(call) || (call.length === 1 && typeof call[0] === 'function');
}

function mutatorWith(
  definition: FlowMutatorDefinition<unknown>,
  given: readonly unknown[],
): object {
  const mutator = (...call: readonly unknown[]): void => addMutator(definition.name, mutator, call);
  return markUse(mutator, { definition, given });
}

/** Decorators apply from the innermost out, so each goes in front. */
function addMutator(name: string, mutator: object, [target]: readonly unknown[]): void {
  if (!isFlowClass(target)) {
    throw new FlowError(`@${name} stands on something that is no flow`, {
      code: 'BAD_DECORATOR',
      hint: `put @${name} in front of a class that extends FlowSpec`,
    });
  }
  markMutators(target, [mutator, ...markedMutators(target)]);
}
