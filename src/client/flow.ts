import type { RunFilter } from './client.ts';
import type { FlowClass } from './flow-types.ts';
import { Run } from './run.ts';
import { RunReading } from './run-reading.ts';
import { clientOf, type StoreOptions } from './store-options.ts';

/**
 * All runs of one flow.
 *
 * @example
 * ```ts
 * for await (const run of new Flow('Weather').runs({ status: 'failed', limit: 10 })) {
 *   console.log(run.id, await run.failure);
 * }
 * ```
 */
export class Flow<F extends FlowClass = FlowClass> implements AsyncIterable<Run<F>> {
  readonly name: string;
  readonly #options: StoreOptions;

  constructor(name: string, options: StoreOptions = {}) {
    this.name = name;
    this.#options = options;
  }

  /** Undefined if it never ran here. */
  get latestRun(): Promise<Run<F> | undefined> {
    return this.#first({});
  }

  /** Undefined if none has succeeded here. */
  get latestSuccessfulRun(): Promise<Run<F> | undefined> {
    return this.#first({ status: 'succeeded' });
  }

  /** Newest first, each found when it is asked for. */
  async *runs(filter: Omit<RunFilter, 'flow'> = {}): AsyncGenerator<Run<F>> {
    const client = clientOf(this.#options);
    for await (const reference of client.findRuns({ ...filter, flow: this.name })) {
      yield new Run(`${reference.flow}/${reference.run}`, new RunReading(client, reference));
    }
  }

  /**
   * The run meant by `latest`, an id, or the unique beginning or end of one.
   *
   * @throws FlowError `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `FLOW_NOT_FOUND`.
   */
  run(text: string): Promise<Run<F>> {
    return Run.find<F>(`${this.name}/${text}`, this.#options);
  }

  /** All its runs, newest first. */
  [Symbol.asyncIterator](): AsyncGenerator<Run<F>> {
    return this.runs();
  }

  async #first(filter: Omit<RunFilter, 'flow'>): Promise<Run<F> | undefined> {
    for await (const run of this.runs({ ...filter, limit: 1 })) return run;
    return undefined;
  }
}

/** The flows that ever ran in the store, by name. */
export async function flows(options: StoreOptions = {}): Promise<Flow[]> {
  return (await clientOf(options).flows()).map((name) => new Flow(name, options));
}
