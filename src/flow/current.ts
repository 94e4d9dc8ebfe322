import { scopeGlobal } from '../base/scope-global.ts';
import { FlowError } from '../model/errors.ts';
import type { ForeachFrame } from './step-host.ts';

/** What a task knows about itself. */
export interface CurrentFacts {
  /** Name of the flow's class. */
  readonly flowName: string;
  readonly runId: string;
  readonly stepName: string;
  /** Where the task stands: `0`, or foreach indexes and loop rounds, as in `3` or `3.r2`. */
  readonly taskId: string;
  /** `Flow/run/step/task`. */
  readonly pathspec: string;
  /** From 1. */
  readonly attempt: number;
  /** The flow's parameters by name. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  /** A folder of this attempt's own, made when it is first read and removed after the attempt. */
  readonly tempDir: string;
  /** Fires when the attempt is cancelled or has timed out. */
  readonly signal: AbortSignal;
  /** The same for every attempt of this task, and for no other task. */
  readonly idempotencyKey: string;
  /** The open foreaches, outermost first. */
  readonly foreachStack: readonly ForeachFrame[];
  /** The task's place in its gang (`numParallel`); undefined in other tasks. */
  readonly parallel: ParallelFacts | undefined;
}

/** What a member of a gang knows of it. */
export interface ParallelFacts {
  /** From 0. */
  readonly index: number;
  /** How many tasks the gang has; all of them run now. */
  readonly size: number;
  /** True for member 0. */
  readonly isControl: boolean;
  /**
   * `host:port` on this machine, the same for all members and another one in each attempt: the
   * control may listen there. The port was free when the gang started; it is not held for it.
   */
  readonly mainAddress: string;
}

/** On globalThis, because a flow may bring its own copy of this package. */
export const CURRENT = Symbol.for('millrace.current');

const state: typeof globalThis & { [CURRENT]?: CurrentFacts | undefined } = globalThis;

/** For the worker: what `current` shows from now on; undefined outside a task. */
export function setCurrent(facts: CurrentFacts | undefined): void {
  state[CURRENT] = facts;
}

export interface CurrentHolder {
  current: CurrentFacts | undefined;
}

/** For a worker that runs several tasks at once: each sees its own. Returns the way back. */
export function holdCurrent(perTask: () => CurrentHolder | undefined): () => void {
  return scopeGlobal(CURRENT, {
    get: () => perTask()?.current,
    set: (facts: CurrentFacts | undefined) => {
      const holder = perTask();
      if (holder !== undefined) holder.current = facts;
    },
  });
}

/**
 * The running task, from anywhere in its code.
 *
 * @throws FlowError when it is read outside a running step.
 * @example
 * ```ts
 * await fetch(url, {
 *   signal: current.signal,
 *   headers: { 'Idempotency-Key': current.idempotencyKey },
 * });
 * ```
 */
export const current: CurrentFacts = {
  get flowName() {
    return factsFor('flowName').flowName;
  },
  get runId() {
    return factsFor('runId').runId;
  },
  get stepName() {
    return factsFor('stepName').stepName;
  },
  get taskId() {
    return factsFor('taskId').taskId;
  },
  get pathspec() {
    return factsFor('pathspec').pathspec;
  },
  get attempt() {
    return factsFor('attempt').attempt;
  },
  get parameters() {
    return factsFor('parameters').parameters;
  },
  get tags() {
    return factsFor('tags').tags;
  },
  get tempDir() {
    return factsFor('tempDir').tempDir;
  },
  get signal() {
    return factsFor('signal').signal;
  },
  get idempotencyKey() {
    return factsFor('idempotencyKey').idempotencyKey;
  },
  get foreachStack() {
    return factsFor('foreachStack').foreachStack;
  },
  get parallel() {
    return factsFor('parallel').parallel;
  },
};

function factsFor(member: keyof CurrentFacts): CurrentFacts {
  const facts = state[CURRENT];
  if (facts !== undefined) return facts;
  throw new FlowError(`current.${member} was read outside a running step`, {
    code: 'OUTSIDE_STEP',
    hint: 'read it inside a step; module level, constructors and field initialisers have no task',
  });
}
