import type { StandardSchemaV1 } from '@standard-schema/spec';
import { didYouMean } from '../../base/suggest.ts';
import type { DefinitionProblem } from '../../model/definition.ts';
import { FlowError } from '../../model/errors.ts';
import {
  addPart,
  BUILT_IN_DECORATORS,
  isDecoratorCall,
  type PolicyPart,
  policyDecorator,
  type StepDecorator,
} from '../step-mark.ts';
import type { StepHooks } from '../step-wrapper.ts';

/** A step decorator of your own. */
export interface StepDecoratorDefinition<Given, Options = Given> extends StepHooks<Options> {
  /** What messages, `flow show` and failures call it: letters, digits and `_`. */
  readonly name: string;
  /** A Standard Schema of its options, read once where the flow is loaded; it must be synchronous. */
  readonly options?: StandardSchemaV1<Given, Options>;
}

/** Made by {@link stepDecorator}: `@traced({ … })`, and `@traced` where it needs no options. */
export type CustomStepDecorator<Given> = ((options: Given) => StepDecorator) &
  (undefined extends Given ? StepDecorator & (() => StepDecorator) : unknown);

/**
 * Makes a step decorator: code that runs around the step, in the task's own process. The decorator
 * that stands first is the outermost. It belongs to the attempt: a timeout counts its time too, and
 * what it throws fails the attempt, so `@retry` runs it again with the step.
 *
 * @throws FlowError if the definition has no usable name, no hook, or an unknown one.
 * @example
 * ```ts
 * const timed = stepDecorator<{ unit: string }>({
 *   name: 'timed',
 *   async around({ options, step }, run) {
 *     console.time(`${step} ${options.unit}`);
 *     await run();
 *     console.timeEnd(`${step} ${options.unit}`);
 *   },
 * });
 * ```
 */
export function stepDecorator<Given = void, Options = Given>(
  definition: StepDecoratorDefinition<Given, Options>,
): CustomStepDecorator<Given>;
export function stepDecorator(definition: StepDecoratorDefinition<unknown>): object {
  checkDefinition(definition);
  const decorate = (...call: readonly unknown[]): StepDecorator | void => {
    if (!isDecoratorCall(call)) return policyDecorator(readCustom(definition, call));
    addPart(readCustom(definition, []), call);
  };
  Object.defineProperty(decorate, CUSTOM, { value: definition });
  return decorate;
}

/** On what {@link stepDecorator} makes, over several copies of this package. */
const CUSTOM = Symbol.for('millrace.stepDecorator');

type Marked = object & { readonly [CUSTOM]?: StepDecoratorDefinition<unknown> };

/** True for a decorator that was made by {@link stepDecorator}. */
export function isCustomDecorator(value: unknown): value is Marked {
  return typeof value === 'function' && CUSTOM in value;
}

/** One use of a custom decorator that is not written as `@name`. */
export function partOfCustom(decorator: Marked, options: unknown): PolicyPart {
  const definition = decorator[CUSTOM];
  if (definition === undefined) throw notADefinition();
  return readCustom(definition, options === undefined ? [] : [options]);
}

const HOOKS: readonly string[] = ['before', 'around', 'after', 'onError'];
const LONGEST_TEXT = 80;

function checkDefinition(definition: StepDecoratorDefinition<unknown>): void {
  if (typeof definition !== 'object' || definition === null) throw notADefinition();
  const { name } = definition;
  if (typeof name !== 'string' || !/^\p{L}[\p{L}\p{N}_]*$/u.test(name)) throw notADefinition();
  if (BUILT_IN_DECORATORS.some((known) => known === name)) {
    throw badDefinition(`there is already a decorator @${name}`, 'give yours another name');
  }
  const known = ['name', 'options', ...HOOKS];
  for (const key of Object.keys(definition)) {
    if (known.includes(key)) continue;
    const hint =
      didYouMean(key, known) ?? `it has name, options, and the hooks ${HOOKS.join(', ')}`;
    throw badDefinition(`stepDecorator "${name}" has no "${key}"`, hint);
  }
  const hooks = HOOKS.map((hook): unknown => Reflect.get(definition, hook)).filter(Boolean);
  if (hooks.length === 0 || hooks.some((hook) => typeof hook !== 'function')) {
    throw badDefinition(
      `stepDecorator "${name}" needs functions for some of ${HOOKS.join(', ')}`,
      'write what it does, e.g. async around(task, run) { await run(); }',
    );
  }
}

function notADefinition(): FlowError {
  return badDefinition(
    'stepDecorator needs an object with a name',
    "write stepDecorator({ name: 'traced', async around(task, run) { await run(); } })",
  );
}

function badDefinition(message: string, hint: string): FlowError {
  return new FlowError(message, { code: 'BAD_DECORATOR', hint });
}

function readCustom(
  definition: StepDecoratorDefinition<unknown>,
  given: readonly unknown[],
): PolicyPart {
  const { name } = definition;
  const { options, problems } = readOptions(definition, given);
  return {
    decorator: name,
    text: `${name}${given.length === 0 ? '' : textOf(given[0])}`,
    policy: {},
    problems,
    wrapper: { decorator: name, hooks: definition, options },
  };
}

/** What the schema made of the options. */
interface ReadOptions {
  readonly options: unknown;
  readonly problems: readonly DefinitionProblem[];
}

export function readOptions(
  { name, options: schema }: Pick<StepDecoratorDefinition<unknown>, 'name' | 'options'>,
  [given]: readonly unknown[],
): ReadOptions {
  if (schema === undefined) return { options: given, problems: [] };
  const result = schema['~standard'].validate(given);
  if (result instanceof Promise) {
    result.catch(() => {});
    return refused(name, ['the schema of its options is asynchronous']);
  }
  if (result.issues === undefined) return { options: result.value, problems: [] };
  return refused(name, result.issues.map(describeIssue));
}

function refused(name: string, messages: readonly string[]): ReadOptions {
  const problems = messages.map((message) => ({
    code: 'bad-decorator',
    message: `@${name}: ${message}`,
    hint: `give it options that its definition takes: @${name}({ … })`,
  }));
  return { options: undefined, problems };
}

function describeIssue({ message, path = [] }: StandardSchemaV1.Issue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}

/** `(label="x", times=2)`. */
function textOf(given: unknown): string {
  const isRecord = typeof given === 'object' && given !== null && !Array.isArray(given);
  const text = isRecord
    ? Object.entries(given)
        .map(([key, value]) => `${key}=${shown(value)}`)
        .join(', ')
    : shown(given);
  return `(${text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text})`;
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '…';
  } catch {
    return '…';
  }
}
