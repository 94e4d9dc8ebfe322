import type { FromChild } from '../model/protocol.ts';

/**
 * What arrives over a child's channel is untrusted until it has passed here: user code runs in that
 * process. The nonce shows that it answers our load; the shape is checked as far as the scheduler
 * relies on it (names, numbers, hashes), deeper values are only ever read through the store.
 */
export function decodeChildMessage(raw: unknown, nonce: string | undefined): FromChild | undefined {
  if (nonce === undefined || !isRecord(raw) || raw['nonce'] !== nonce) return undefined;
  if (typeof raw['type'] !== 'string') return undefined;
  return isFromChild(raw, raw['type']) ? raw : undefined;
}

function isFromChild(raw: unknown, type: string): raw is FromChild {
  return SHAPES[type]?.(raw) === true;
}

type Check = (value: unknown) => boolean;
type Fields = { readonly [name: string]: Check };

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text: Check = (value) => typeof value === 'string';
/** Becomes part of a path. */
const fileName: Check = (value) => typeof value === 'string' && /^[\p{L}\p{N}_]+$/u.test(value);
const flag: Check = (value) => typeof value === 'boolean';
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const hash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const listOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const tableOf =
  (item: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(item);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const shape =
  (fields: Fields): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
const union =
  (tag: string, variants: { readonly [kind: string]: Check }): Check =>
  (value) =>
    isRecord(value) &&
    typeof value[tag] === 'string' &&
    Object.hasOwn(variants, value[tag]) &&
    variants[value[tag]]?.(value) === true;

const artifact = shape({
  hash,
  size: count,
  encoding: text,
  inline: optional(text),
  meta: optional(isRecord),
});
const changes = tableOf(nullable(artifact));
const failure = shape({ kind: text });
const page = shape({
  first: count,
  count,
  ref: artifact,
  keyed: optional((value) => value === true),
});
const fanOut = shape({ to: text, size: count, pages: listOf(page) });
const transition = union('kind', {
  end: shape({}),
  next: shape({ to: listOf(text) }),
  foreach: fanOut,
  gang: fanOut,
  switch: shape({ to: text, label: text }),
});
const config = shape({ value: artifact, input: optional(artifact), source: isRecord });
const problem = shape({ parameter: text, message: text, hint: optional(text) });
const step = shape({
  name: text,
  classIndex: count,
  arity: count,
  policy: isRecord,
  decorators: listOf(text),
});
const definition = shape({
  name: text,
  classes: listOf(shape({ name: text, text })),
  steps: listOf(step),
  parameters: listOf(shape({ name: text, kind: text, required: flag })),
  configs: optional(
    listOf(shape({ name: text, help: optional(text), source: isRecord, valueText: text })),
  ),
  fields: listOf(shape({ name: text, initialised: flag, transient: flag })),
  problems: listOf(shape({ code: text, message: text, classIndex: optional(count) })),
  mutations: optional(tableOf(text)),
  exitHooks: optional(
    shape({ timeoutMs: count, hooks: listOf(shape({ name: fileName, on: text })) }),
  ),
});
const loadProblem = union('kind', {
  threw: shape({ failure }),
  with: shape({ message: text, hint: optional(text) }),
  configs: shape({
    problems: listOf(shape({ config: text, message: text, hint: optional(text) })),
  }),
  'no-flow': shape({}),
  'several-flows': shape({ names: listOf(text) }),
  'unknown-flow': shape({ asked: text, names: listOf(text) }),
});

const stays = shape({ stdout: count, stderr: count });
const used = shape({ cpuMs: count, peakRssBytes: count });

const SHAPES: { readonly [type: string]: Check | undefined } = Object.assign(Object.create(null), {
  loaded: shape({}),
  'load-failed': shape({ problem: loadProblem }),
  described: shape({ definition }),
  'parameters-resolved': shape({ values: tableOf(artifact), configs: tableOf(config) }),
  'parameters-rejected': shape({ problems: listOf(problem) }),
  started: shape({}),
  secrets: shape({ values: listOf(text) }),
  opened: shape({ to: text, changes }),
  yielded: shape({ page, digest: hash }),
  succeeded: shape({
    result: shape({ changes, transition }),
    used: optional(used),
    stays: optional(stays),
  }),
  failed: shape({ failed: shape({ failure, changes }), used: optional(used) }),
  'hook-ended': shape({}),
});
