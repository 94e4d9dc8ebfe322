import { resolve } from 'node:path';
import type { ArtifactsOf, FlowClass } from '../client/flow-types.ts';
import type { RunCallbacks } from '../runner/callbacks.ts';
import type { Executing } from '../runner/executing.ts';
import type { ExecutingRun } from '../runner/executing-run.ts';
import type { ExecutingTask } from '../runner/executing-task.ts';
import type { ParametersOf } from '../runner/parameter-values.ts';
import { Runner } from '../runner/runner.ts';
import type {
  RunnerOptions,
  RunnerResumeOptions,
  RunnerRunOptions,
  RunnerSpinOptions,
} from '../runner/runner-options.ts';
import { CellConsole } from './cell-console.ts';
import { fileOfClass } from './cell-file.ts';

/** Those of a Runner; what is shown, and where, is the notebook's affair. */
export type NotebookOptions = Omit<RunnerOptions, 'showOutput'>;

/**
 * Runs flows from the cells of a notebook: each call shows the run below its cell while it goes on,
 * and ends with the run. Interrupting the cell cancels it.
 *
 * @example
 * ```ts
 * // One cell defines the class Sum, with the imports that it needs; the next one runs it.
 * const notebook = new NotebookRunner(Sum);
 * const executing = await notebook.run({ top: 10 });
 * await executing.run.artifacts.total;
 * ```
 */
export class NotebookRunner<F extends FlowClass = FlowClass> {
  /** Starts runs of the same flow without waiting for them, and without showing them. */
  readonly runner: Runner<F>;
  readonly #cwd: string;

  /**
   * @param flow a file (see Runner), or a class: one that a cell has imported, or that a cell of its own
   *   defines. That whole cell is written to a hidden file in `cwd`, which every task loads.
   * @throws FlowError `CELL_NOT_ALONE`, `CELL_AWAITS`, `CELL_UNKNOWN`, `OPTION_INVALID`.
   */
  constructor(flow: string | F, options: NotebookOptions = {}) {
    this.#cwd = resolve(options.cwd ?? process.cwd());
    const source = typeof flow === 'string' ? flow : `${fileOfClass(flow, this.#cwd)}:${flow.name}`;
    this.runner = new Runner<F>(source, options);
  }

  /** Runs the flow to its end. A failure is a status. Throws what {@link Runner.run} throws. */
  run(parameters?: ParametersOf<F>, options: RunnerRunOptions = {}): Promise<ExecutingRun<F>> {
    return this.#show(options, (shown) => this.runner.run(parameters, { ...options, ...shown }));
  }

  /** Goes on from an earlier run, to the end. Throws what {@link Runner.resume} throws. */
  resume(options: RunnerResumeOptions = {}): Promise<ExecutingRun<F>> {
    return this.#show(options, (shown) => this.runner.resume({ ...options, ...shown }));
  }

  /** Runs one task of a run again, to its end. Throws what {@link Runner.spin} throws. */
  spin(
    pathspec: string,
    options: RunnerSpinOptions<ArtifactsOf<F>> = {},
  ): Promise<ExecutingTask<F>> {
    return this.#show(options, (shown) => this.runner.spin(pathspec, { ...options, ...shown }));
  }

  async #show<E extends Executing>(
    { onEvent, onLog }: RunCallbacks,
    start: (shown: Required<Pick<RunCallbacks, 'onEvent' | 'onLog'>>) => Promise<E>,
  ): Promise<E> {
    const console = new CellConsole(this.#cwd);
    try {
      const executing = await start({
        onEvent: (event) => {
          console.onEvent(event);
          return onEvent?.(event);
        },
        onLog: (line) => {
          console.onLog(line);
          return onLog?.(line);
        },
      });
      return await waitInCell(executing);
    } finally {
      console.close();
    }
  }
}

/** A kernel is interrupted by SIGINT; it leaves the cell, and what the cell has started is its own affair. */
async function waitInCell<E extends Executing>(executing: E): Promise<E> {
  const cancel = (): void => executing.cancel('the cell was interrupted');
  process.on('SIGINT', cancel);
  try {
    return await executing.wait();
  } finally {
    process.off('SIGINT', cancel);
  }
}
