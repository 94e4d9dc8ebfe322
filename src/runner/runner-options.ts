import type { Json } from '../base/json.ts';
import type { RunOptions } from '../model/events.ts';
import type { RunCallbacks } from './callbacks.ts';
import type { RerunRequest } from './resume/plan-resume.ts';

/** What all runs of a runner have in common. */
export interface RunnerOptions {
  /** Added to the environment of this process, for tasks; `undefined` takes a variable away. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Where tasks run, and what relative paths are relative to. Default: the working directory. */
  readonly cwd?: string;
  /** The store's folder. Default: found as on the command line. */
  readonly store?: string;
  /** Values of the flow's configs, as `--config-value` gives them. A resume has those of its origin. */
  readonly configs?: { readonly [name: string]: Json };
  /** JSON or YAML files of the flow's configs, as `--config` gives them. */
  readonly configFiles?: { readonly [name: string]: string };
  /** Prints progress and the tasks' output on stderr. Default: false. */
  readonly showOutput?: boolean;
  /** Stops all that this runner has started when it fires, as `cancel` does. */
  readonly signal?: AbortSignal;
}

/** What one run, resume or spin may have of its own. */
export interface StartOptions extends RunCallbacks {
  /** Stops it when it fires, as `cancel` does; while nothing was started yet, the call throws its reason. */
  readonly signal?: AbortSignal;
}

/** The options of `flow run`, `maxWorkers` and so on, and some of a program's own. */
export interface RunnerRunOptions extends Partial<RunOptions>, StartOptions {
  readonly tags?: readonly string[];
  /**
   * Decorators for every step that lacks them, as `--with` takes them: `'retry:times=2'`,
   * `'./trace.ts:traced'`.
   */
  readonly with?: readonly string[];
  /** The run id is written into this file as soon as there is one. */
  readonly runIdFile?: string;
}

/** What a resume is asked to take over, and what to run again. */
export interface ResumeSelection extends RerunRequest {
  /**
   * The run to go on from: an id or a unique part of one, `latest`, or `Flow/latest`. Default: the
   * latest run of the flow that neither runs nor succeeded.
   */
  readonly origin?: string;
}

export interface RunnerResumeOptions extends RunnerRunOptions, ResumeSelection {}

/** How {@link Runner.spin} runs a task again. */
export interface RunnerSpinOptions<A extends object = { readonly [name: string]: unknown }>
  extends StartOptions {
  /** Values of artifacts and parameters that the task starts with instead of the recorded ones. */
  readonly set?: Partial<A>;
  /** Waits for a debugger before the step begins; the address is printed on the task's stderr. */
  readonly inspect?: boolean;
}
