import { type Duration, parseDurationMs } from '../base/duration.ts';
import { didYouMean } from '../base/suggest.ts';
import type { DefinitionProblem, ExitHooksDefinition } from '../model/definition.ts';
import type { EndedRun, RunStatusAtEnd } from '../model/exit.ts';

/** Called once a run is over, in a process of its own (inline for a class without a file). May be async. */
export type ExitHook = (ended: EndedRun) => void | Promise<void>;

/**
 * What runs after a flow's run, whatever became of it: to notify, to clean up. One after the other,
 * each in a process of its own; what they do never changes the outcome of the run.
 *
 * @example
 * ```ts
 * static exitHooks: ExitHooks = { onFailure: [page, keepLogs], onSuccess: publish, timeout: '30s' };
 * ```
 */
export interface ExitHooks {
  readonly onSuccess?: ExitHook | readonly ExitHook[];
  readonly onFailure?: ExitHook | readonly ExitHook[];
  /** After Ctrl-C and the like. */
  readonly onCancel?: ExitHook | readonly ExitHook[];
  /** How long each of them may take; default `'1m'`. */
  readonly timeout?: Duration;
}

/** A hook of a flow, ready to be called. */
export interface FoundHook {
  readonly name: string;
  readonly on: RunStatusAtEnd;
  readonly run: ExitHook;
}

const DEFAULT_TIMEOUT = '1m';
const KEYS: { readonly [key: string]: RunStatusAtEnd } = {
  onSuccess: 'succeeded',
  onFailure: 'failed',
  onCancel: 'cancelled',
};

/** The hooks of a flow's class or of its bases, in the order in which they are written. */
export function exitHooksOf(flow: object): readonly FoundHook[] {
  return Object.entries(read(flow) ?? {}).flatMap(([key, value]) => {
    const on = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (on === undefined) return [];
    return listOf(value).flatMap((run, index): FoundHook[] =>
      isHook(run) ? [{ name: nameOf(run, key, index), on, run }] : [],
    );
  });
}

/** For the definition; undefined for a flow without hooks. */
export function describeExitHooks(flow: object): ExitHooksDefinition | undefined {
  const hooks = exitHooksOf(flow);
  if (hooks.length === 0) return undefined;
  const { timeout } = read(flow) ?? {};
  return {
    timeoutMs: timeoutMsOf(timeout) ?? 0,
    hooks: hooks.map(({ name, on }) => ({ name, on })),
  };
}

export function findExitHookProblems(flow: object): DefinitionProblem[] {
  const given: unknown = Reflect.get(flow, 'exitHooks');
  if (given === undefined) return [];
  const hooks = read(flow);
  if (hooks === undefined) return [problem('is not an object', 'write { onFailure: alert }')];
  const known = [...Object.keys(KEYS), 'timeout'];
  return Object.entries(hooks).flatMap(([key, value]) => {
    if (!known.includes(key)) {
      const hint = didYouMean(key, known) ?? `it has ${known.join(', ')}`;
      return [problem(`has no "${key}"`, hint)];
    }
    if (key !== 'timeout') {
      return listOf(value).every(isHook)
        ? []
        : [problem(`has something in "${key}" that is no function`, 'list functions only')];
    }
    return timeoutMsOf(value) === undefined
      ? [problem(`has a timeout that is no length of time`, "write it as '30s' or '5m'")]
      : [];
  });
}

function read(flow: object): { readonly [key: string]: unknown } | undefined {
  const hooks: unknown = Reflect.get(flow, 'exitHooks');
  return isRecord(hooks) ? hooks : undefined;
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isHook(value: unknown): value is ExitHook {
  return typeof value === 'function';
}

/** Names folders and events, so it has no character that means something there. */
function nameOf(hook: ExitHook, key: string, index: number): string {
  const name = hook.name.replaceAll(/[^\p{L}\p{N}_]/gu, '');
  return name === '' || name === key ? `${key}${index === 0 ? '' : index + 1}` : name;
}

function timeoutMsOf(timeout: unknown = DEFAULT_TIMEOUT): number | undefined {
  const isDuration = typeof timeout === 'number' || typeof timeout === 'string';
  const ms = isDuration ? parseDurationMs(timeout) : undefined;
  return ms === undefined || ms <= 0 ? undefined : ms;
}

function problem(message: string, hint: string): DefinitionProblem {
  return {
    code: 'bad-exit-hooks',
    message: `static exitHooks ${message}`,
    hint,
    member: 'exitHooks',
  };
}
