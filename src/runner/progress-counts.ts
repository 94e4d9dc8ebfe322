import type { FlowEvent } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { RunId } from '../model/ids.ts';
import { RunProgress } from '../observe/run-progress.ts';

/** How far a run has come. A value of its own each time: it may be kept. */
export interface RunnerProgress {
  readonly run: RunId;
  readonly flow: string;
  /** In the order of the flow's source. */
  readonly steps: readonly StepCounts[];
}

/** Tasks of one step, by what became of them. */
export interface StepCounts {
  readonly name: string;
  /** Tasks that are known to come, those that ran included; undefined where nobody knows yet. */
  readonly expected: number | undefined;
  readonly running: number;
  /** Those that `@catchError` took included. */
  readonly succeeded: number;
  readonly failed: number;
  /** Taken over from the origin of a resume. */
  readonly cloned: number;
  /** Attempts that were followed by another one. */
  readonly retried: number;
}

/** The counts of a run, as the consoles show them, for a program. */
export class ProgressCounts {
  readonly #progress = new RunProgress();

  readGraph(graph: FlowGraph): void {
    this.#progress.readGraph(graph);
  }

  readEvent(event: FlowEvent): void {
    this.#progress.readEvent(event);
  }

  snapshot(run: RunId): RunnerProgress {
    const { flow, steps, running } = this.#progress;
    const runningBy = new Map<string, number>();
    for (const { step } of running.values()) runningBy.set(step, (runningBy.get(step) ?? 0) + 1);
    return {
      run,
      flow,
      steps: [...steps.values()].map(({ name, expected, succeeded, failed, cloned, retried }) => ({
        name,
        expected,
        running: runningBy.get(name) ?? 0,
        succeeded,
        failed,
        cloned,
        retried,
      })),
    };
  }
}
