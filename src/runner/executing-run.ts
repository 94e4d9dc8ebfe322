import type { FlowClass } from '../client/flow-types.ts';
import type { Run } from '../client/run.ts';
import { Executing, type ExecutingParts } from './executing.ts';

/**
 * A run that this program has started, which may have ended meanwhile. With `await using` it is
 * stopped at the end of the block, if it still runs.
 *
 * @example
 * ```ts
 * await using executing = await new Runner('weather.ts').run({ city: 'Seattle' });
 * for await (const event of executing.events()) console.log(event.type);
 * console.log(executing.status, await executing.run.artifacts['warmest']);
 * ```
 */
export class ExecutingRun<F extends FlowClass = FlowClass> extends Executing {
  /** The same run as the client sees it, also while it goes on. */
  readonly run: Run<F>;

  /** @internal From a Runner. */
  constructor(run: Run<F>, parts: Omit<ExecutingParts, 'recording'>) {
    super({ ...parts, recording: run });
    this.run = run;
  }
}
