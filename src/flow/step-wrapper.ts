import type { FlowSpec } from './flow-spec.ts';

/**
 * What the hooks of a step decorator are given: the attempt that they stand around. `current` works
 * in hooks too.
 */
export interface WrappedStep<Options = unknown> {
  /** The flow of this task. Its fields are read and assigned as in the step itself. */
  readonly flow: FlowSpec & { [field: string]: unknown };
  /** The step's name. */
  readonly step: string;
  /** What the step takes: the item of its foreach, the inputs of a join, else undefined. */
  readonly argument: unknown;
  /** As they were given, or as the decorator's schema made them. */
  readonly options: Options;
  /** True once this task goes on without what the decorator stands around. */
  readonly isSkipped: boolean;
  /**
   * Leaves out the step and the decorators inside this one. The task then takes the step's one
   * transition; a switch or a foreach must be told which way.
   *
   * @throws FlowError if the step has already run.
   * @example task.skip({ take: 'small' })
   */
  skip(way?: SkippedWay): void;
}

/** How a task goes on whose step did not say it. */
export interface SkippedWay {
  /** Switches: the case. */
  readonly take?: string;
  /** Foreaches: the items; none of them leads straight to the join. */
  readonly items?: Iterable<unknown>;
}

/** What a step decorator does. Each hook may be async. */
export interface StepHooks<Options = unknown> {
  /** Before the step and the decorators inside this one. */
  before?(task: WrappedStep<Options>): void | Promise<void>;
  /** Around them: `await run()` runs them, at most once. Without the call they are skipped. */
  around?(task: WrappedStep<Options>, run: () => Promise<void>): void | Promise<void>;
  /** After they ended well, or were skipped. */
  after?(task: WrappedStep<Options>): void | Promise<void>;
  /** After they threw. If it returns, the task goes on; to fail, throw the error again, or another. */
  onError?(task: WrappedStep<Options>, error: unknown): void | Promise<void>;
}

/** One use of a step decorator, as the worker runs it. */
export interface StepWrapper {
  readonly decorator: string;
  readonly hooks: StepHooks;
  readonly options: unknown;
}
