import { inspect } from 'node:util';
import type { Json } from '../base/json.ts';
import { isFlowError } from '../model/errors.ts';
import type { UserError } from '../model/failure.ts';
import { parseFrames, type SourcePlaces } from './stack-frames.ts';

/**
 * Whatever the user's code threw, as data. It cannot fail: values that throw when they are looked
 * at, cycles among causes and endless messages all come out as something to read.
 */
export function describeThrown(thrown: unknown, places: SourcePlaces): UserError {
  const mutator = mutatorThatThrew(thrown);
  if (mutator === undefined) return describe(thrown, { places, seen: new Set() });
  const { cause } = mutator;
  return { ...describe(cause, { places, seen: new Set() }), decorator: mutator.name };
}

/** What a flow mutator threw is told as the user's error that it is; ours only says which one it was. */
function mutatorThatThrew(
  thrown: unknown,
): { readonly name: string; readonly cause: unknown } | undefined {
  if (!isFlowError(thrown) || thrown.code !== 'MUTATOR_THREW') return undefined;
  const name = read(Object(thrown.details), 'mutator');
  return typeof name === 'string' ? { name, cause: thrown.cause } : undefined;
}

interface Description {
  readonly places: SourcePlaces;
  /** The errors above this one: a cause that leads back ends the chain. */
  readonly seen: Set<unknown>;
}

const MESSAGE_LIMIT = 64 * 1024;
const FIELDS_LIMIT = 16 * 1024;
const CAUSE_LIMIT = 16;
const STANDARD_FIELDS = new Set(['name', 'message', 'stack', 'cause', 'code', 'hint', 'errors']);
/** What the error would have meant to a command; a failure has its own. */
const FLOW_ERROR_FIELDS = new Set([...STANDARD_FIELDS, 'exitCode', 'diagnostics']);

function describe(thrown: unknown, description: Description): UserError {
  if (!isErrorLike(thrown)) return describeValue(thrown);
  description.seen.add(thrown);
  const code = read(thrown, 'code');
  const hint = read(thrown, 'hint');
  const fields = readFields(thrown);
  const cause = describeCause(thrown, description);
  return {
    kind: 'user-error',
    name: textOf(read(thrown, 'name'), 'Error'),
    message: cut(textOf(read(thrown, 'message'), '')),
    frames: parseFrames(textOf(read(thrown, 'stack'), ''), description.places),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(fields === undefined ? {} : { fields }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function describeValue(thrown: unknown): UserError {
  return {
    kind: 'user-error',
    name: 'NonError',
    message: cut(typeof thrown === 'string' ? thrown : safely(() => inspect(thrown), 'a value')),
    frames: [],
    hint: 'throw an Error, so that the failure knows where it came from',
  };
}

function isErrorLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof read(value, 'message') === 'string';
}

/** An AggregateError shows its first error as the cause and all of them as a field. */
function describeCause(error: object, description: Description): UserError | undefined {
  const errors = read(error, 'errors');
  const cause = read(error, 'cause') ?? (Array.isArray(errors) ? errors[0] : undefined);
  if (cause === undefined || description.seen.has(cause)) return undefined;
  if (description.seen.size >= CAUSE_LIMIT) return undefined;
  return describe(cause, description);
}

function readFields(error: object): { readonly [name: string]: Json } | undefined {
  const fields: Record<string, Json> = Object.create(null);
  let held = 0;
  const standard = isFlowError(error) ? FLOW_ERROR_FIELDS : STANDARD_FIELDS;
  for (const name of safely(() => Object.keys(error), [])) {
    const text = standard.has(name) ? undefined : toJsonText(read(error, name));
    held += text?.length ?? 0;
    if (text !== undefined && held <= FIELDS_LIMIT) fields[name] = JSON.parse(text);
  }
  const errors = read(error, 'errors');
  if (Array.isArray(errors)) fields['errors'] = errors.slice(0, 100).map(summarise);
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function summarise(error: unknown): string {
  return cut(safely(() => String(error), 'a value'));
}

function toJsonText(value: unknown): string | undefined {
  if (typeof value === 'function') return undefined;
  return safely(() => JSON.stringify(value), undefined);
}

function read(object: object, name: string): unknown {
  return safely(() => Reflect.get(object, name), undefined);
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function cut(text: string): string {
  return text.length <= MESSAGE_LIMIT ? text : `${text.slice(0, MESSAGE_LIMIT)}…`;
}

/** For looking at values whose getters and proxies may throw. */
function safely<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
