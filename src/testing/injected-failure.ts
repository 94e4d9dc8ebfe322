import { FlowError } from '../model/errors.ts';
import type { Failure } from '../model/failure.ts';
import type { GraphNode } from '../model/graph.ts';
import type { TaskSpec } from '../model/task.ts';
import { SourcePlaces } from '../worker/stack-frames.ts';
import { describeThrown } from '../worker/user-error.ts';
import { nodeOf, type ReadFlow } from './read-flow.ts';

/** Which attempts something happens to. */
export interface InjectionOptions {
  /** From 1. Default: 1, so that a retry goes well. */
  readonly attempt?: number | 'every';
  /** The index in the foreach, or a task id such as `'3.1'`. Default: every task of the step. */
  readonly task?: number | string;
  /**
   * `before`: no code of the step runs. `after`: all of it has run, so its effects outside are there, and
   * only what it left is lost. Default: `before`.
   */
  readonly when?: 'before' | 'after';
}

/** Something that happens to attempts of a step, in place of their outcome. */
export interface InjectedFailure extends InjectionOptions {
  readonly step: string;
  /** @internal */
  readonly failureOf: (node: GraphNode) => Failure;
}

/** The attempt's process is killed, as by `kill -9`. */
export function kill(step: string, options: InjectionOptions = {}): InjectedFailure {
  return { ...options, step, failureOf: () => ({ kind: 'signal', signal: 'SIGKILL' }) };
}

/** The attempt runs into the step's `@timeout`: so much fake time passes, too. */
export function timeout(step: string, options: InjectionOptions = {}): InjectedFailure {
  return {
    ...options,
    step,
    failureOf: ({ name, policy: { timeoutMs } }) => {
      if (timeoutMs !== undefined) return { kind: 'timeout', afterMs: timeoutMs };
      throw new FlowError(`"${name}" has no @timeout, so it cannot time out.`, {
        code: 'TEST_GIVEN',
        hint: 'give the step a @timeout, or inject kill or fail',
      });
    },
  };
}

/** The attempt uses more memory than its `@resources`, or else the machine, allow. */
export function outOfMemory(step: string, options: InjectionOptions = {}): InjectedFailure {
  return {
    ...options,
    step,
    failureOf: ({ policy: { resources } }) => {
      const limitBytes = resources?.memoryBytes;
      if (limitBytes === undefined) return { kind: 'out-of-memory', by: 'kernel' };
      return { kind: 'out-of-memory', by: 'limit', limitBytes, usedBytes: limitBytes + 1 };
    },
  };
}

/** The attempt throws this. */
export function fail(
  step: string,
  error: unknown,
  options: InjectionOptions = {},
): InjectedFailure {
  return { ...options, step, failureOf: () => describeThrown(error, new SourcePlaces('')) };
}

/** The failures of one run. Each has to happen: one that never does is a mistake in the test. */
export class Injections {
  readonly #all: readonly (InjectedFailure & { readonly failure: Failure })[];
  readonly #happened = new Set<InjectedFailure>();

  /** Throws FlowError `STEP_UNKNOWN`, `TEST_GIVEN`. */
  constructor(all: readonly InjectedFailure[], { graph }: ReadFlow) {
    this.#all = all.map((one) => ({ ...one, failure: one.failureOf(nodeOf(graph, one.step)) }));
  }

  /** What happens to the attempt, if something does; the first one that fits. */
  take(
    spec: TaskSpec,
  ): { readonly failure: Failure; readonly when: 'before' | 'after' } | undefined {
    const found = this.#all.find((one) => isMeant(one, spec));
    if (found === undefined) return undefined;
    this.#happened.add(found);
    return { failure: found.failure, when: found.when ?? 'before' };
  }

  /** Throws FlowError `TEST_INJECTION_UNUSED`. */
  requireAll(): void {
    const unused = this.#all.filter((one) => !this.#happened.has(one));
    if (unused.length === 0) return;
    const names = unused.map(({ step, task, attempt = 1, failure }) => {
      const which = attempt === 'every' ? 'any attempt' : `attempt ${attempt}`;
      return `${failure.kind} of ${task === undefined ? step : `${step}/${task}`}, ${which}`;
    });
    throw new FlowError(`The run never came to what was injected: ${names.join('; ')}`, {
      code: 'TEST_INJECTION_UNUSED',
      hint: 'look at `events` of the run without it: which tasks and attempts there are',
    });
  }
}

function isMeant({ step, task, attempt = 1 }: InjectedFailure, spec: TaskSpec): boolean {
  if (step !== spec.step || (attempt !== 'every' && attempt !== spec.attempt)) return false;
  return task === undefined || String(task) === spec.position;
}
