import { didYouMean } from '../../base/suggest.ts';
import { type CatchErrorOptions, readCatchError } from '../../flow/decorators/catch-error.ts';
import { readEnvironment } from '../../flow/decorators/environment.ts';
import { readIsolate } from '../../flow/decorators/isolate.ts';
import { type LimitOptions, readLimit } from '../../flow/decorators/limit.ts';
import { type ResourceOptions, readResources } from '../../flow/decorators/resources.ts';
import { readRetry } from '../../flow/decorators/retry.ts';
import { readTimeout } from '../../flow/decorators/timeout.ts';
import type { PolicyPart } from '../../flow/step-mark.ts';
import { FlowError } from '../../model/errors.ts';
import type { AddedPolicy } from '../../runtime/added-policy.ts';

type Value = boolean | number | string;
type Values = ReadonlyMap<string, Value>;

interface PolicyKind {
  /** Undefined: any. */
  readonly keys?: readonly string[];
  /** The key that a lone value means: `timeout:5m`. */
  readonly lone: string;
  readonly read: (values: Values) => PolicyPart;
}

const CATCH: PolicyKind = {
  keys: ['field', 'take', 'items'],
  lone: 'field',
  read: (values) => readCatchError(String(values.get('field') ?? ''), catchOptions(values)),
};

/** What `--with` knows. The decorators themselves check the values. */
const POLICIES: { readonly [name: string]: PolicyKind } = {
  retry: {
    keys: ['times', 'initial', 'factor', 'max', 'jitter'],
    lone: 'times',
    read: (values) => readRetry(retryOptions(values)),
  },
  timeout: {
    keys: ['after'],
    lone: 'after',
    read: (values) => readTimeout(durationOf(values.get('after') ?? '')),
  },
  catch: CATCH,
  catchError: CATCH,
  resources: {
    keys: ['cpu', 'memory', 'gpu', 'hint'],
    lone: 'cpu',
    read: (values) => readResources(resourceOptions(values)),
  },
  // `limit:5` is each step's own, `limit:api=5` is shared by all of them.
  limit: { lone: 'step', read: (values) => readLimit(limitOptions(values)) },
  isolate: { keys: ['in'], lone: 'in', read: (values) => readIsolate(values.get('in')) },
  environment: {
    lone: '',
    read: (values) =>
      readEnvironment(Object.fromEntries([...values].map(([key, value]) => [key, String(value)]))),
  },
};

export const ADDED_POLICY_NAMES: readonly string[] = Object.keys(POLICIES);

/** Reads `name:key=value,key=value`. Throws FlowError: an unknown name or key, or a bad value. */
export function parseAddedPolicy(text: string): AddedPolicy {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const kind = Object.hasOwn(POLICIES, name) ? POLICIES[name] : undefined;
  if (kind === undefined) {
    const hint =
      didYouMean(name, ADDED_POLICY_NAMES) ??
      `it knows ${ADDED_POLICY_NAMES.join(', ')}; one of yours is ./file.ts:name`;
    throw policyError(`--with knows no decorator "${name}"`, hint);
  }
  const values = parseValues(name, kind, colon === -1 ? '' : text.slice(colon + 1));
  const { policy, text: shown, problems } = kind.read(values);
  const [problem] = problems;
  if (problem !== undefined) {
    throw policyError(`--with ${text} cannot be used: ${problem.message}`, problem.hint ?? EXAMPLE);
  }
  return { policy, text: shown };
}

const EXAMPLE = 'write it like --with retry:times=2,initial=1s';

function parseValues(name: string, { keys, lone }: PolicyKind, text: string): Values {
  const values = new Map<string, Value>();
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const equals = part.indexOf('=');
    const key = equals === -1 ? lone : part.slice(0, equals);
    if (key === '') throw policyError(`--with ${name} cannot use "${part}"`, EXAMPLE);
    if (keys?.includes(key) === false) {
      const hint = didYouMean(key, keys) ?? `it has ${keys.join(', ')}`;
      throw policyError(`--with ${name} has no "${key}"`, hint);
    }
    if (values.has(key)) throw policyError(`--with ${name} has "${key}" twice`, 'remove one');
    values.set(key, parseValue(part.slice(equals + 1)));
  }
  return values;
}

/** JSON, else a number, else the text itself. */
function parseValue(text: string): Value {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'boolean' || typeof parsed === 'number' || typeof parsed === 'string') {
      return parsed;
    }
  } catch {
    // Most texts are no JSON, and mean themselves.
  }
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : text;
}

function retryOptions(values: Values): Parameters<typeof readRetry>[0] {
  const backoff = {
    ...present('initial', values.get('initial'), durationOf),
    ...present('factor', values.get('factor'), numberOf),
    ...present('max', values.get('max'), durationOf),
    ...present('jitter', values.get('jitter'), flagOf),
  };
  return { ...present('times', values.get('times'), numberOf), backoff };
}

function catchOptions(values: Values): CatchErrorOptions {
  const items = values.get('items');
  if (items !== undefined && items !== '[]') {
    throw policyError(`--with catchError has no items "${items}"`, 'write items=[]');
  }
  return {
    ...present('take', values.get('take'), (take) => take),
    ...(items === undefined ? {} : { items: [] }),
  };
}

function resourceOptions(values: Values): ResourceOptions {
  const hint = values.get('hint');
  if (hint !== undefined && hint !== 'cpu' && hint !== 'io' && hint !== 'network') {
    throw policyError(`--with resources has no hint "${hint}"`, 'the hints are cpu, io, network');
  }
  return {
    ...present('cpu', values.get('cpu'), numberOf),
    ...present('gpu', values.get('gpu'), numberOf),
    ...present('memory', values.get('memory'), durationOf),
    ...(hint === undefined ? {} : { hint }),
  };
}

function limitOptions(values: Values): LimitOptions {
  const own = values.get('step');
  if (own !== undefined && values.size === 1) return numberOf(own);
  return Object.fromEntries([...values].map(([name, count]) => [name, numberOf(count)]));
}

function present<K extends string, T>(
  key: K,
  value: Value | undefined,
  convert: (value: Value) => T,
): { readonly [name in K]?: T } {
  const found: { [name in K]?: T } = {};
  if (value !== undefined) found[key] = convert(value);
  return found;
}

/** Not a number where the decorator should say so. */
function numberOf(value: Value): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function durationOf(value: Value): number | string {
  return typeof value === 'number' ? value : String(value);
}

function flagOf(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  throw policyError(`jitter is ${JSON.stringify(value)}`, 'write jitter=true or jitter=false');
}

function policyError(message: string, hint: string): FlowError {
  return new FlowError(message, { code: 'OPTION_INVALID', hint });
}
