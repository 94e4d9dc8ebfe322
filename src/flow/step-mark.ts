import type { DefinitionProblem, StepPolicy } from '../model/definition.ts';
import { FlowError } from '../model/errors.ts';
import type { SecretSources } from './secret-source.ts';
import type { StepWrapper } from './step-wrapper.ts';

/**
 * What decorators leave on a method, as a property of the function itself: it travels with the
 * method through inheritance, and is found by any copy of this package (no WeakMap, and no
 * Symbol.metadata, which Node 20 lacks).
 */
export interface StepMark {
  /** True once `@step` was there; another decorator alone makes no step. */
  isStep: boolean;
  /** In source order. */
  readonly parts: PolicyPart[];
}

/** One decorator's share of a step's policy. */
export interface PolicyPart {
  readonly decorator: string;
  /** For `flow show`: `retry(times=2)`. */
  readonly text: string;
  readonly policy: StepPolicy;
  /** What is wrong with its arguments; `member` is filled in later. */
  readonly problems: readonly DefinitionProblem[];
  /** Of custom decorators: what runs around the step. */
  readonly wrapper?: StepWrapper;
  /** Of `@secrets`: where the variables of the step's process come from. */
  readonly secrets?: SecretSources;
}

export const BUILT_IN_DECORATORS = [
  'retry',
  'timeout',
  'catchError',
  'environment',
  'resources',
  'limit',
  'isolate',
  'secrets',
] as const;

export type DecoratorName = (typeof BUILT_IN_DECORATORS)[number];

/** The part of TC39's context that we read. */
export interface MethodContext {
  readonly kind: 'method';
  readonly name: string | symbol;
  readonly static: false;
  /** True for `#name` only. */
  readonly private: false;
}

/** A method decorator, in the standard and in the legacy call shape. */
export interface StepDecorator {
  // oxlint-disable-next-line typescript/no-unsafe-function-type -- anything narrower makes the compiler infer the step's result, in a circle
  (method: Function, context: MethodContext): void;
  (prototype: object, name: string | symbol, descriptor: PropertyDescriptor): void;
}

type Method = object & { readonly [STEP]?: StepMark };

const STEP = Symbol.for('millrace.step');
/** On decorators that were given their options: the part that they add. */
const PART = Symbol.for('millrace.policyPart');

export function markOf(method: Method): StepMark | undefined {
  return Object.hasOwn(method, STEP) ? method[STEP] : undefined;
}

/** A decorator that marks its method as a step. */
export function decorateAsStep(...call: readonly unknown[]): void {
  ensureMark(methodOf('step', call)).isStep = true;
}

/** A decorator that adds a policy. Decorators apply from the innermost out, so each goes in front. */
export function policyDecorator(part: PolicyPart): StepDecorator {
  const decorate = (...call: readonly unknown[]): void => addPart(part, call);
  Object.defineProperty(decorate, PART, { value: part });
  return decorate;
}

/** Adds the part to the method that a compiler decorates with this call. */
export function addPart(part: PolicyPart, call: readonly unknown[]): void {
  ensureMark(methodOf(part.decorator, call)).parts.unshift(part);
}

/** What a decorator such as `retry(2)` would add; undefined for anything else. */
export function partOf(decorator: unknown): PolicyPart | undefined {
  if (typeof decorator !== 'function') return undefined;
  const marked: object & { readonly [PART]?: PolicyPart } = decorator;
  return marked[PART];
}

/** True for the arguments that a compiler gives to a decorator, in either call shape. */
export function isDecoratorCall(call: readonly unknown[]): boolean {
  const [target, second, third] = call;
  if (typeof target === 'function' && isObject(second)) return 'kind' in second;
  return call.length === 3 && isObject(target) && isKey(second) && isDescriptor(third);
}

/** Refuses `@retry` where `@retry()` is meant: it would put the decorator in the method's place. */
export function requireOptions(decorator: DecoratorName, call: readonly unknown[]): void {
  if (!isDecoratorCall(call)) return;
  throw new FlowError(`@${decorator} was written without parentheses`, {
    code: 'BAD_DECORATOR',
    hint: `write @${decorator}(...)`,
  });
}

function methodOf(decorator: string, [target, second, third]: readonly unknown[]): Method {
  if (typeof target === 'function' && isInstanceMethod(second)) return target;
  // Legacy: a constructor as the target means a static method.
  if (
    isObject(target) &&
    isObject(third) &&
    'value' in third &&
    typeof third.value === 'function'
  ) {
    return third.value;
  }
  throw new FlowError(`@${decorator} stands on something that is not a method of an instance`, {
    code: 'BAD_DECORATOR',
    hint: `put @${decorator} in front of a method of a flow that is neither static nor #private`,
  });
}

function isInstanceMethod(context: unknown): boolean {
  if (!isObject(context) || !('kind' in context) || context.kind !== 'method') return false;
  const isStatic = 'static' in context && context.static === true;
  const isPrivate = 'private' in context && context.private === true;
  return !isStatic && !isPrivate;
}

function ensureMark(method: Method): StepMark {
  const known = markOf(method);
  if (known !== undefined) return known;
  const mark: StepMark = { isStep: false, parts: [] };
  Object.defineProperty(method, STEP, { value: mark, configurable: true });
  return mark;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isKey(value: unknown): value is string | symbol {
  return typeof value === 'string' || typeof value === 'symbol';
}

function isDescriptor(value: unknown): boolean {
  return value === undefined || (isObject(value) && ('value' in value || 'get' in value));
}
