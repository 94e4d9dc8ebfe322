import type { FlowEvent, RunOptions, RunStarted, Usage } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { Hash, RunId } from '../model/ids.ts';
import type { TagChange } from '../model/tags.ts';
import { decodeArtifact } from '../store/artifacts.ts';
import { claimed } from './claimed.ts';
import type { ArtifactsOf, FlowClass, StepNameOf } from './flow-types.ts';
import type { LogFilter, RunLogChunk } from './run-logs.ts';
import { notComplete, RunReading } from './run-reading.ts';
import type { RunStatus } from './run-summary.ts';
import { Step } from './step.ts';
import { clientOf, type StoreOptions } from './store-options.ts';
import { Task } from './task.ts';

/** The code that a run was started with. */
export interface RunCode {
  /** sha256 of the prepared flow. */
  readonly hash: Hash;
  /** The flow file, absolute, as it was then. Absent where a program ran a class without a file. */
  readonly file?: string;
}

/**
 * One execution of a flow. Nothing is read before it is asked for. With the flow's class as type
 * argument, artifacts and parameters have their types.
 *
 * @example
 * ```ts
 * const run = await new Flow<typeof Weather>('Weather').latestRun;
 * if (run !== undefined && (await run.isSuccessful)) console.log(await run.artifacts.warmest);
 * ```
 */
export class Run<F extends FlowClass = FlowClass> implements AsyncIterable<Step<F>> {
  readonly id: RunId;
  readonly flow: string;
  /** `Flow/run`. */
  readonly pathspec: string;
  readonly #reading: RunReading;

  /**
   * @param pathspec complete: `Flow/run`. See {@link Run.find} for less.
   * @throws FlowError `PATHSPEC_INVALID`. That there is no such run shows when it is read.
   */
  constructor(pathspec: string, source: StoreOptions | RunReading = {}) {
    const [flow = '', run = '', ...more] = pathspec.split('/');
    if (more.length > 0) throw notComplete(pathspec);
    this.#reading = RunReading.at(flow, run, source);
    this.id = this.#reading.reference.run;
    this.flow = flow;
    this.pathspec = pathspec;
  }

  /**
   * The run meant by `latest`, `Flow/latest`, an id, or the unique beginning or end of one.
   *
   * @throws FlowError `RUN_NOT_FOUND`, `RUN_AMBIGUOUS`, `FLOW_NOT_FOUND`.
   */
  static async find<F extends FlowClass = FlowClass>(
    text: string,
    options: StoreOptions = {},
  ): Promise<Run<F>> {
    const client = clientOf(options);
    const reference = await client.findRun(text);
    return new Run(`${reference.flow}/${reference.run}`, new RunReading(client, reference));
  }

  /** `lost`: its process is gone without a last word. `unknown`: held on another host. */
  get status(): Promise<RunStatus> {
    return this.#reading.summary().then(({ status }) => status);
  }

  /** True once it can no longer change: it has ended, or it is lost. */
  get isFinished(): Promise<boolean> {
    return this.status.then((status) => status !== 'running' && status !== 'unknown');
  }

  /** True once it has succeeded. */
  get isSuccessful(): Promise<boolean> {
    return this.status.then((status) => status === 'succeeded');
  }

  /** When it was started. */
  get startedAt(): Promise<Date> {
    return this.#reading.summary().then(({ startedAt }) => new Date(startedAt));
  }

  /** Of a lost run: its last sign of life. Undefined while it runs. */
  get finishedAt(): Promise<Date | undefined> {
    return this.#reading
      .summary()
      .then(({ endedAt }) => (endedAt === undefined ? undefined : new Date(endedAt)));
  }

  /** As they are now. */
  get tags(): Promise<readonly string[]> {
    return this.#reading.summary().then(({ tags }) => tags);
  }

  /** What is true of the run, said as tags, e.g. `flow:Weather`, `user:ada`; nobody can change them. */
  get systemTags(): Promise<readonly string[]> {
    return this.#reading.summary().then(({ systemTags }) => systemTags);
  }

  /** In whatever state the run is. Throws FlowError `TAG_INVALID`, `STORE_NOT_WRITABLE`. */
  async addTags(tags: readonly string[]): Promise<void> {
    await this.#changeTags({ add: tags });
  }

  /** Those that are not there are passed over. */
  async removeTags(tags: readonly string[]): Promise<void> {
    await this.#changeTags({ remove: tags });
  }

  /** From now on it has these, and no others of its own. */
  async replaceTags(tags: readonly string[]): Promise<void> {
    await this.#changeTags({ clear: true, add: tags });
  }

  /** The run that this one resumed. */
  get origin(): Promise<Run<F> | undefined> {
    return this.#reading.summary().then(({ origin }) => {
      if (origin === undefined) return undefined;
      const { client } = this.#reading;
      return new Run<F>(
        `${this.flow}/${origin}`,
        new RunReading(client, client.referenceOf(this.flow, origin)),
      );
    });
  }

  /** Why it failed, with the causes; undefined if it did not. */
  get failure(): Promise<Failure | undefined> {
    return this.#reading
      .view()
      .then(({ end }) => (end?.status === 'failed' ? end.failure : undefined));
  }

  /** The task that failed the run. */
  get failedTask(): Promise<Task<F> | undefined> {
    return this.#reading.view().then(({ end }) => {
      const task = end?.status === 'failed' ? end.task : undefined;
      return task === undefined ? undefined : this.#task(task.step, task.position);
    });
  }

  /** The values that were given or taken by default. Secrets are not among them: they are kept nowhere. */
  get parameters(): Promise<Partial<ArtifactsOf<F>>> {
    return this.#readParameters();
  }

  /** Its first event. Throws FlowError `RUN_EMPTY` where it was killed before that. */
  get started(): Promise<RunStarted> {
    return this.#reading.started();
  }

  /** What it was started with. */
  get options(): Promise<RunOptions> {
    return this.started.then(({ options }) => options);
  }

  /** Of Millrace and Node, as they were. */
  get versions(): Promise<RunStarted['versions']> {
    return this.started.then(({ versions }) => versions);
  }

  /** The code that it runs. */
  get code(): Promise<RunCode> {
    return this.started.then(({ code, file }) => ({
      hash: code,
      ...(file === undefined ? {} : { file }),
    }));
  }

  /** The graph that it was started with. */
  get graph(): Promise<FlowGraph> {
    return this.#reading.graph();
  }

  /** Summed over all attempts; `wallMs` too, so it is more than the run took where tasks ran at once. */
  get usage(): Promise<Usage> {
    return this.#reading.view().then(({ tasks }) => {
      const used = [...tasks.values()].flatMap(({ attempts }) =>
        attempts.flatMap(({ usage }) => (usage === undefined ? [] : [usage])),
      );
      return used.reduce(addUsage, { wallMs: 0 });
    });
  }

  /** The steps that ran, in the order of their first launch. */
  async steps(): Promise<Step<F>[]> {
    const { steps } = await this.#reading.view();
    return [...steps.keys()].map((name) => this.#step(name));
  }

  /** A step by its name; nothing is read. */
  step(name: StepNameOf<F>): Step<F> {
    return this.#step(name);
  }

  /** `task('work', '3')`; without a position, that of a step outside foreaches and loops. */
  task(step: StepNameOf<F>, position = '0'): Task<F> {
    return this.#task(step, position);
  }

  /** The task of the step `end`, whose artifacts are the results of the run. */
  get endTask(): Task<F> {
    return this.#task('end', '0');
  }

  /** What the step `end` left: `await run.artifacts.total`. */
  get artifacts(): Task<F>['artifacts'] {
    return this.endTask.artifacts;
  }

  /** Everything that the step `end` left. */
  data(): Promise<ArtifactsOf<F>> {
    return this.endTask.data();
  }

  /** Every event so far, then those to come, until the run has ended or is lost. */
  async *events(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<FlowEvent> {
    await this.#reading.summary();
    yield* this.#reading.client.followEvents(this.#reading.reference, options);
  }

  /** The same, and what is to come: until its end. */
  followLogs(filter: LogFilter = {}): AsyncGenerator<RunLogChunk> {
    return this.#reading.client.followLogs(this.#reading.reference, filter);
  }

  /** What its tasks printed: pieces in the order of time. */
  logs(filter: LogFilter = {}): AsyncGenerator<RunLogChunk> {
    return this.#reading.client.readLogs(this.#reading.reference, filter);
  }

  /** Its steps, as {@link Run.steps} gives them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Step<F>> {
    yield* await this.steps();
  }

  #step(name: string): Step<F> {
    return new Step(`${this.pathspec}/${name}`, this.#reading);
  }

  #task(step: string, position: string): Task<F> {
    return new Task(`${this.pathspec}/${step}/${position}`, this.#reading);
  }

  async #changeTags(change: Omit<TagChange, 'at'>): Promise<void> {
    const { client, reference } = this.#reading;
    await client.requireRun(reference);
    client.changeTags(reference, change);
  }

  async #readParameters(): Promise<Partial<ArtifactsOf<F>>> {
    const values: { [name: string]: unknown } = Object.create(null);
    for (const [name, ref] of Object.entries(await this.#reading.parameters())) {
      values[name] = await decodeArtifact(ref, this.#reading.client.blobs);
    }
    return claimed(values);
  }
}

function addUsage(sum: Usage, usage: Usage): Usage {
  const cpuMs = addKnown(sum.cpuMs, usage.cpuMs);
  const peakRssBytes = Math.max(sum.peakRssBytes ?? 0, usage.peakRssBytes ?? 0);
  return {
    wallMs: sum.wallMs + usage.wallMs,
    ...(cpuMs === undefined ? {} : { cpuMs }),
    ...(peakRssBytes === 0 ? {} : { peakRssBytes }),
  };
}

function addKnown(a: number | undefined, b: number | undefined): number | undefined {
  return b === undefined ? a : (a ?? 0) + b;
}
