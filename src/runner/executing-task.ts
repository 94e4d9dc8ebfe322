import type { FlowClass } from '../client/flow-types.ts';
import type { Task } from '../client/task.ts';
import type { RunId } from '../model/ids.ts';
import { Executing, type ExecutingParts } from './executing.ts';

/**
 * One task of a run that this program has started again. With `await using` it is stopped at the end
 * of the block, if it still runs.
 *
 * @example
 * ```ts
 * const spun = await (await runner.spin('latest/train', { set: { rate: 0.1 } })).wait();
 * console.log(spun.status, await spun.task.artifacts['loss']);
 * ```
 */
export class ExecutingTask<F extends FlowClass = FlowClass> extends Executing {
  /** What this spin leaves, as the client sees it; the task of the run stays as it is. */
  readonly task: Task<F>;
  /** Names what it leaves, as a run id names a run: `flow dump ID/step/task`. */
  readonly spin: RunId;

  /** @internal From a Runner. */
  constructor(spin: RunId, task: Task<F>, parts: ExecutingParts) {
    super(parts);
    this.spin = spin;
    this.task = task;
  }
}
