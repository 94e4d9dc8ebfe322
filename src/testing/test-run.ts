import type { ArtifactsOf, StepNameOf } from '../client/flow-types.ts';
import { Run } from '../client/run.ts';
import { RunReading } from '../client/run-reading.ts';
import type { Task } from '../client/task.ts';
import type { FlowClass } from '../flow/steps.ts';
import type { FlowEvent } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import { taskPath } from '../model/ids.ts';
import type { LogStream } from '../model/ports/executor.ts';
import type { FakeTime } from './fake-time.ts';
import type { InlineOutcome } from './run-inline.ts';
import type { TestRunOptions } from './test-run-options.ts';

export interface TestResumeOptions<F extends FlowClass> extends TestRunOptions {
  /** The flow as it was mended; of the same name. Default: the same class. */
  readonly flow?: F;
  /** Runs this step again, and all that follows from it. */
  readonly step?: StepNameOf<F>;
  /** Runs these tasks again, `step/task`, and all that follows from them. */
  readonly rerun?: readonly string[];
}

/** How a run goes on elsewhere. */
export interface TestRunMeans<F extends FlowClass> {
  readonly resume: (options: TestResumeOptions<F>) => Promise<TestRun<F>>;
  readonly dispose: () => void;
}

/** A run that {@link testFlow} has brought to its end. Its store is removed at the end of the block. */
export class TestRun<F extends FlowClass = FlowClass> implements AsyncDisposable {
  /** The run as the client reads it: steps, tasks, attempts, usage, logs. */
  readonly run: Run<F>;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  /** What `flow run` would have exited with. */
  readonly exitCode: number;
  /** All that was recorded, in order. */
  readonly events: readonly FlowEvent[];
  readonly time: FakeTime;
  /** The folder of its store, for the client and for commands. */
  readonly store: string;
  readonly #means: TestRunMeans<F>;

  /** @internal */
  constructor(outcome: InlineOutcome, means: TestRunMeans<F>) {
    const reading = new RunReading(outcome.client, outcome.reference);
    this.run = new Run<F>(reading.pathspec, reading);
    this.status = outcome.status;
    this.exitCode = outcome.exitCode;
    this.events = outcome.events;
    this.time = outcome.time;
    this.store = outcome.client.root;
    this.#means = means;
  }

  /** The tasks as they were launched, one entry for each attempt: `['start/0', 'work/0', …]`. */
  get order(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'task.launched' ? taskPath(event) : []));
  }

  /** Why it failed; undefined if it did not. */
  get failure(): Failure | undefined {
    const end = this.events.find((event) => event.type === 'run.failed');
    return end?.failure;
  }

  /** What the step `end` left, each read when it is named: `await run.artifacts.total`. */
  get artifacts(): Run<F>['artifacts'] {
    return this.run.artifacts;
  }

  /** All that the step `end` left, parameters included. */
  data(): Promise<ArtifactsOf<F>> {
    return this.run.data();
  }

  /** `task('work', 3)`; of nested foreaches and loops `task('work', '3.r1')`. Default: 0. */
  task(step: StepNameOf<F>, position: number | string = 0): Task<F> {
    return this.run.task(step, String(position));
  }

  /** What its steps printed on stdout. */
  get stdout(): Promise<string> {
    return this.#textOf('stdout');
  }

  /** The same of stderr. */
  get stderr(): Promise<string> {
    return this.#textOf('stderr');
  }

  /**
   * A new run that takes over what ended well in this one, as `flow resume`. It lives in the same store.
   *
   * @throws FlowError as {@link testFlow}.
   */
  resume(options: TestResumeOptions<F> = {}): Promise<TestRun<F>> {
    return this.#means.resume(options);
  }

  /** Removes the folder of its store, and of the runs that were resumed in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#means.dispose();
  }

  async #textOf(stream: LogStream): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const { bytes } of this.run.logs({ stream })) pieces.push(bytes);
    return Buffer.concat(pieces).toString();
  }
}
