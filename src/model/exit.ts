/** How a run ended. */
export type RunStatusAtEnd = 'succeeded' | 'failed' | 'cancelled';

/** What an exit hook is told of the run that is over. Plain JSON. */
export interface EndedRun {
  /** Name of the flow's class. */
  readonly flowName: string;
  readonly runId: string;
  /** `Flow/run`. */
  readonly pathspec: string;
  readonly status: RunStatusAtEnd;
  readonly tags: readonly string[];
  readonly durationMs: number;
  /** The run that this one was resumed from. */
  readonly originRunId?: string;
  /** Of a failed run: the first task that failed for good, and why. */
  readonly failure?: EndedFailure;
  /** Of a cancelled run: the signal, or what asked for it. */
  readonly reason?: string;
}

/** Why a run failed, for an exit hook. */
export interface EndedFailure {
  /** One sentence. */
  readonly message: string;
  /** `user-error`, `exit`, `signal`, `timeout`, `out-of-memory`, … */
  readonly kind: string;
  /** Where the run failed: `step/task`. */
  readonly task: string;
  /** From 1. */
  readonly attempt: number;
}
