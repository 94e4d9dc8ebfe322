import { parseDurationMs } from '../base/duration.ts';
import { didYouMean } from '../base/suggest.ts';
import type { StepPolicy } from '../model/definition.ts';
import { FlowError } from '../model/errors.ts';
import type { AddedPolicy } from '../runtime/added-policy.ts';

type Value = boolean | number | string;
type Values = ReadonlyMap<string, Value>;

interface PolicyKind {
  readonly keys: readonly string[];
  /** The key that a lone value means: `timeout:5m`. */
  readonly lone: string;
  /** Undefined where a value is missing or of the wrong kind. */
  readonly read: (values: Values) => StepPolicy | undefined;
  readonly example: string;
}

/** What `--with` knows: the decorators that make sense on every step. */
const POLICIES: { readonly [name: string]: PolicyKind } = {
  retry: {
    keys: ['times', 'initial', 'factor', 'max', 'jitter'],
    lone: 'times',
    read: readRetry,
    example: 'retry:times=2,initial=1s,factor=2,max=1m,jitter=true',
  },
  timeout: {
    keys: ['after'],
    lone: 'after',
    read: (values) => {
      const timeoutMs = durationMs(values.get('after'));
      return timeoutMs === undefined || timeoutMs === 0 ? undefined : { timeoutMs };
    },
    example: 'timeout:5m',
  },
  catch: {
    keys: ['field'],
    lone: 'field',
    read: (values) => {
      const field = values.get('field');
      return typeof field === 'string' && /^[A-Za-z]\w*$/.test(field)
        ? { catch: { field } }
        : undefined;
    },
    example: 'catch:field=failure',
  },
};

/** Reads `name:key=value,key=value`. Throws FlowError: an unknown name or key, or a bad value. */
export function parseAddedPolicy(text: string): AddedPolicy {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const kind = Object.hasOwn(POLICIES, name) ? POLICIES[name] : undefined;
  if (kind === undefined) {
    const names = Object.keys(POLICIES);
    throw policyError(
      `--with knows no decorator "${name}"`,
      didYouMean(name, names) ?? `it knows ${names.join(', ')}`,
    );
  }
  const values = parseValues(name, kind, colon === -1 ? '' : text.slice(colon + 1));
  const policy = kind.read(values);
  if (policy === undefined) {
    throw policyError(
      `--with ${text} is not complete, or a value has the wrong kind`,
      `e.g. --with ${kind.example}`,
    );
  }
  const shown = [...values].map(([key, value]) => `${key}=${value}`).join(', ');
  return { policy, text: `${name}(${shown})` };
}

function parseValues(name: string, kind: PolicyKind, text: string): Values {
  const values = new Map<string, Value>();
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const equals = part.indexOf('=');
    const key = equals === -1 ? kind.lone : part.slice(0, equals);
    if (!kind.keys.includes(key)) {
      throw policyError(
        `--with ${name} has no "${key}"`,
        didYouMean(key, kind.keys) ?? `it has ${kind.keys.join(', ')}`,
      );
    }
    if (values.has(key)) throw policyError(`--with ${name} has "${key}" twice`, 'remove one');
    values.set(key, parseValue(part.slice(equals + 1)));
  }
  return values;
}

/** JSON, then a number, then the text itself. */
function parseValue(text: string): Value {
  if (text === 'true') return true;
  if (text === 'false') return false;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number)) return number;
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}

function readRetry(values: Values): StepPolicy | undefined {
  const times = values.get('times');
  const initialDelayMs = durationMs(values.get('initial') ?? 0);
  const factor = values.get('factor') ?? 2;
  const maxDelayMs = durationMs(values.get('max') ?? '1h');
  const jitter = values.get('jitter') ?? false;
  if (!isCount(times) || typeof factor !== 'number' || factor < 1) return undefined;
  if (initialDelayMs === undefined || maxDelayMs === undefined) return undefined;
  if (typeof jitter !== 'boolean') return undefined;
  return { retry: { times, initialDelayMs, factor, maxDelayMs, jitter } };
}

function durationMs(value: Value | undefined): number | undefined {
  return typeof value === 'boolean' || value === undefined ? undefined : parseDurationMs(value);
}

function isCount(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function policyError(message: string, hint: string): FlowError {
  return new FlowError(message, { code: 'OPTION_INVALID', hint });
}
