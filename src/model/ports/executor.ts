import type { StepIsolation } from '../definition.ts';
import type { Usage } from '../events.ts';
import type { Failure } from '../failure.ts';
import type { ItemNotice, TaskFailure, TaskResult, TaskSpec } from '../task.ts';

/** Where attempts run. Local processes, batch systems and queues all look like this. */
export interface Executor {
  /** Never throws: an attempt that cannot start is an outcome. */
  launch(spec: TaskSpec, options: AttemptOptions): RunningAttempt;
  /** Says what may start next, so that it can be prepared. It changes nothing but speed. */
  expect?(upcoming: Upcoming): void;
  /** Ends what is still there; resolves when nothing is left. */
  close(): Promise<void>;
}

/** What an attempt asks of the place where it runs. */
export interface Placement {
  /** Variables of the process, over those that it inherits. */
  readonly environment?: { readonly [name: string]: string };
  /** The most that the attempt's process and all that it starts may use. */
  readonly memoryBytes?: number;
  /** `inline`: this process, which only whoever starts the run can choose. */
  readonly isolation?: StepIsolation | 'inline';
}

/** Tasks that may still start, soonest first, at most so many. */
export type Upcoming = (limit: number) => readonly Placement[];

export interface AttemptOptions {
  /** The same object for all attempts of a step. */
  readonly placement: Placement;
  readonly timeoutMs?: number;
  /** Whether the launch could be recorded. No code of the step runs before that is known, or where it could not. */
  readonly recorded: Promise<boolean>;
  /** In the order in which the task said it, and before its outcome. */
  readonly onItems: (notice: ItemNotice) => void;
  readonly onLog: (stream: LogStream, bytes: Uint8Array) => void | Promise<void>;
}

export interface RunningAttempt {
  readonly pid: number | undefined;
  readonly outcome: Promise<AttemptOutcome>;
  /** So many more items of its open foreach are wanted. */
  pull(count: number): void;
  /** Abort signal, TERM, grace, KILL; the outcome is then the given failure. */
  stop(failure: Failure): void;
  /** KILL now. */
  kill(): void;
}

export type LogStream = 'stdout' | 'stderr';

export type AttemptOutcome =
  | { readonly kind: 'succeeded'; readonly result: TaskResult; readonly usage: Usage }
  | { readonly kind: 'failed'; readonly failed: TaskFailure; readonly usage: Usage };
