import { didYouMean } from '../base/suggest.ts';
import { FlowError } from '../model/errors.ts';
import { isFlowClass, readSteps } from './steps.ts';

/** What a step asked of `next`. Field names are already replaced by what the fields hold. */
export type RequestedTransition =
  | { readonly kind: 'next'; readonly to: readonly string[] }
  | {
      readonly kind: 'foreach';
      readonly to: string;
      readonly items: unknown;
      /** Tells items apart in a later run too. */
      readonly key?: (item: unknown) => unknown;
    }
  | {
      readonly kind: 'switch';
      readonly cases: readonly RequestedCase[];
      readonly condition: unknown;
    }
  | { readonly kind: 'gang'; readonly to: string; readonly size: number };

export interface RequestedCase {
  readonly label: string;
  readonly to: string;
}

/**
 * Reads the arguments of `this.next(...)`. Steps come as methods, so their names are found by
 * identity in the flow's class chain.
 *
 * @throws FlowError for every misuse.
 */
export function parseTransition(flow: object, args: readonly unknown[]): RequestedTransition {
  const [first, options, ...more] = args;
  if (isPlainObject(first)) {
    if (!isPlainObject(options) || more.length > 0) throw caseOptions();
    return parseSwitch(flow, first, options);
  }
  const last = args.at(-1);
  if (!isPlainObject(last)) return parseNext(flow, args);
  if (args.length !== 2) {
    throw misuse('NEXT_OPTIONS', {
      message: `this.next was given options and ${args.length - 1} steps`,
      hint: 'a foreach or a gang leads to one step: this.next(this.work, { foreach: this.items })',
    });
  }
  return parseFanOut(flow, first, last);
}

type Options = Readonly<Record<string, unknown>>;

function parseNext(flow: object, args: readonly unknown[]): RequestedTransition {
  if (args.length === 0) {
    throw misuse('NEXT_EMPTY', {
      message: 'this.next was called without a step',
      hint: 'name the step that follows: this.next(this.end)',
    });
  }
  const to = args.map((arg) => stepName(flow, arg));
  const repeated = to.find((name, index) => to.indexOf(name) !== index);
  if (repeated === undefined) return { kind: 'next', to };
  throw misuse('NEXT_REPEATED', {
    message: `this.next names the step "${repeated}" twice`,
    hint: 'name each branch once; to run one step several times, use foreach',
  });
}

function parseFanOut(flow: object, target: unknown, options: Options): RequestedTransition {
  const { key, ...others } = options;
  const option = onlyOption(others, ['foreach', 'numParallel'], ['key']);
  const to = stepName(flow, target);
  const value = options[option];
  if (option === 'foreach') {
    const items = typeof value === 'string' ? readField(flow, value, 'foreach') : value;
    return { kind: 'foreach', to, items, ...(key === undefined ? {} : { key: readKey(key) }) };
  }
  if (key !== undefined) {
    throw misuse('NEXT_OPTIONS', {
      message: 'this.next was given a key with numParallel',
      hint: 'the tasks of a gang have no items: leave key out',
    });
  }
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) {
    return { kind: 'gang', to, size: value };
  }
  throw misuse('NEXT_OPTIONS', {
    message: `numParallel is ${String(value)}, which is no number of tasks`,
    hint: 'it is a whole number from 1 on',
  });
}

function readKey(key: unknown): (item: unknown) => unknown {
  if (typeof key === 'function') return (item) => Reflect.apply(key, undefined, [item]);
  throw misuse('NEXT_OPTIONS', {
    message: `this.next was given the key ${JSON.stringify(key) ?? String(key)}, which is not a function`,
    hint: 'write how the key comes from an item: { foreach: this.items, key: (item) => item.id }',
  });
}

function parseSwitch(flow: object, cases: Options, options: Options): RequestedTransition {
  onlyOption(options, ['condition']);
  const parsed = Object.entries(cases).map(([label, step]) => ({
    label,
    to: stepName(flow, step),
  }));
  if (parsed.length === 0) {
    throw misuse('NEXT_EMPTY', {
      message: 'this.next was given a switch without a case',
      hint: 'write one case for each value of the condition',
    });
  }
  return { kind: 'switch', cases: parsed, condition: readCondition(flow, options, cases) };
}

/** A text that is no case is the name of a field, if there is one. */
function readCondition(flow: object, { condition }: Options, cases: Options): unknown {
  const isField =
    typeof condition === 'string' && !Object.hasOwn(cases, condition) && condition in flow;
  return isField ? Reflect.get(flow, condition) : condition;
}

function readField(flow: object, field: string, option: string): unknown {
  if (field in flow) return Reflect.get(flow, field);
  throw misuse('NEXT_FIELD', {
    message: `this.next was given { ${option}: ${JSON.stringify(field)} }, but the flow has no such field`,
    hint:
      didYouMean(field, Object.keys(flow)) ??
      `give the value itself, as in { ${option}: this.items }`,
  });
}

/** `also`: options that are read elsewhere, for the message. */
function onlyOption<const N extends string>(
  options: Options,
  known: readonly N[],
  also: readonly string[] = [],
): N {
  const names = Object.keys(options);
  const unknown = names.find((name) => !known.some((other) => other === name));
  const [option, ...more] = known.filter((name) => names.includes(name));
  if (unknown === undefined && option !== undefined && more.length === 0) return option;
  const message =
    unknown === undefined
      ? `this.next needs ${option === undefined ? 'one' : 'only one'} of the options ${known.join(', ')}`
      : `this.next has no option "${unknown}" here`;
  const suggestion = unknown === undefined ? undefined : didYouMean(unknown, [...known, ...also]);
  throw misuse('NEXT_OPTIONS', {
    message,
    hint: suggestion ?? `the options are ${[...known, ...also].join(', ')}`,
  });
}

/** The name under which the flow has this method, and that it is a step. */
function stepName(flow: object, step: unknown): string {
  const steps = stepNames(flow);
  for (const known of steps.keys()) if (Reflect.get(flow, known) === step) return known;
  if (typeof step !== 'function') throw notAMethod(step, [...steps.keys()]);
  const name = methodName(flow, step);
  if (name === undefined) {
    throw misuse('NEXT_UNKNOWN_STEP', {
      message: `this.next was given a function that is not a method of the flow${step.name === '' ? '' : ` ("${step.name}")`}`,
      hint: 'pass the method itself, neither bound nor wrapped: this.next(this.work)',
    });
  }
  if (steps.has(name)) return name;
  throw misuse('NEXT_UNKNOWN_STEP', {
    message: `this.next was given the method "${name}", which is not a step`,
    hint: didYouMean(name, steps.keys()) ?? `mark it with @step, or list it in static steps`,
  });
}

function methodName(flow: object, method: unknown): string | undefined {
  for (let at: object | null = flow; at !== null; at = Object.getPrototypeOf(at)) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (property.value === method) return name;
    }
  }
  return undefined;
}

function stepNames(flow: object): ReadonlyMap<string, unknown> {
  const owner: unknown = flow.constructor;
  return isFlowClass(owner) ? readSteps(owner).wrappers : new Map();
}

function notAMethod(given: unknown, steps: readonly string[]): FlowError {
  const meant = typeof given === 'string' && steps.includes(given) ? given : undefined;
  const suggestion = typeof given === 'string' ? didYouMean(given, steps) : undefined;
  const shown = typeof given === 'string' ? `the text "${given}"` : String(given);
  return misuse('NEXT_UNKNOWN_STEP', {
    message: `this.next was given ${shown}, which is not a step`,
    hint:
      (meant === undefined ? suggestion : `pass the method itself: this.${meant}`) ??
      `the steps of this flow are ${steps.join(', ')}`,
  });
}

function caseOptions(): FlowError {
  return misuse('NEXT_OPTIONS', {
    message: 'this.next was given cases without a condition',
    hint: 'write this.next({ small: this.quick, big: this.thorough }, { condition: this.size })',
  });
}

function misuse(
  code: string,
  told: { readonly message: string; readonly hint: string },
): FlowError {
  return new FlowError(told.message, { code, hint: told.hint });
}

function isPlainObject(value: unknown): value is Options {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
