import type { FlowEvent, RunOptions } from '../model/events.ts';
import type { FakeTime } from './fake-time.ts';
import type { InjectedFailure } from './injected-failure.ts';

type SameAsInRuns = 'maxWorkers' | 'maxSplits' | 'maxIterations' | 'onFailure' | 'graceMs';

/** What holds for a run and for one that resumes it. */
export interface TestRunOptions extends Partial<Pick<RunOptions, SameAsInRuns>> {
  /** What happens to attempts in place of their outcome. */
  readonly inject?: readonly InjectedFailure[];
  /** Default: one that begins now. */
  readonly time?: FakeTime;
  readonly tags?: readonly string[];
  /** Stops the run when it fires. */
  readonly signal?: AbortSignal;
  /**
   * Called with each event once it is recorded. The tasks that follow from it are launched by then, but
   * none of their code has run: who stops the run here keeps it from running.
   */
  readonly onEvent?: (event: FlowEvent) => void;
  /** Prints what the steps print as well. Default: false. */
  readonly showOutput?: boolean;
}
