import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { FleetingSet } from '../../base/fleeting.ts';
import { Redaction } from '../../base/redaction.ts';
import type { Failure } from '../../model/failure.ts';
import type { Time } from '../../model/ports/clock.ts';
import type {
  AttemptOptions,
  AttemptOutcome,
  Executor,
  RunningAttempt,
} from '../../model/ports/executor.ts';
import type { InlineOutcome, InlineTask, InlineWorker } from '../../model/ports/inline-worker.ts';
import type { TaskSpec } from '../../model/task.ts';
import { stopReason } from '../attempt-failure.ts';
import { AttemptTimeout } from '../attempt-timeout.ts';
import { ChildOutput } from '../child-output.ts';
import { redactFailure } from '../redact-message.ts';
import { SYSTEM_TIME } from '../system-time.ts';
import { EventLoopTurns } from './event-loop-turns.ts';
import { RoutingExecutor } from './routing-executor.ts';

interface InlineOptions {
  /** How long a task that is to stop may still take before it is given up. */
  readonly graceMs: number;
  /** Texts that output and failures must not show. */
  readonly secrets: readonly string[];
  /** Absent: the machine's. */
  readonly time?: Time | undefined;
}

/**
 * Tasks in this process. Nothing here can end code that does not want to end: after its grace a task
 * is given up, whatever it still does.
 */
export class InlineExecutor implements Executor {
  readonly #shared: Shared;

  constructor(worker: InlineWorker, { graceMs, secrets, time }: InlineOptions) {
    const redaction = new Redaction(secrets);
    const turns = new EventLoopTurns();
    this.#shared = { worker, graceMs, redaction, time, turns, running: new FleetingSet() };
  }

  launch(spec: TaskSpec, options: AttemptOptions): RunningAttempt {
    return new InlineAttempt(this.#shared, spec, options);
  }

  async close(): Promise<void> {
    const { running, worker } = this.#shared;
    for (const attempt of running) attempt.kill();
    await Promise.allSettled([...running].map((attempt) => attempt.outcome));
    worker.close();
  }
}

/** Steps may ask for a process all the same. */
export function besideProcesses(
  worker: InlineWorker,
  options: InlineOptions,
  others: Executor,
): Executor {
  return new RoutingExecutor({ inline: new InlineExecutor(worker, options), others });
}

interface Shared {
  readonly worker: InlineWorker;
  readonly graceMs: number;
  readonly redaction: Redaction;
  readonly time: Time | undefined;
  readonly turns: EventLoopTurns;
  readonly running: FleetingSet<InlineAttempt>;
}

class InlineAttempt implements RunningAttempt {
  readonly pid = undefined;
  readonly outcome: Promise<AttemptOutcome>;
  readonly #shared: Shared;
  #timeout: AttemptTimeout | undefined;
  #task: InlineTask | undefined;
  /** Of a task that has printed something. */
  #output: ChildOutput | undefined;
  #endGrace = (): void => {};
  /** Why it was to end, if it was: the first reason wins. */
  #stopped: Failure | undefined;
  /** Items that were wanted before the task had begun. */
  #wanted = 0;

  constructor(shared: Shared, spec: TaskSpec, options: AttemptOptions) {
    this.#shared = shared;
    shared.running.add(this);
    this.outcome = this.#run(spec, options);
  }

  pull(count: number): void {
    this.#timeout?.pull(count);
    if (this.#task === undefined) this.#wanted += count;
    else this.#task.pull(count);
  }

  stop(failure: Failure): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = failure;
    this.#task?.abort(stopReason(failure));
    const { graceMs, time = SYSTEM_TIME } = this.#shared;
    this.#endGrace = time.after(graceMs, () => this.#task?.abandon());
  }

  kill(): void {
    this.stop({ kind: 'cancelled', reason: 'killed' });
    this.#task?.abandon();
  }

  async #run(spec: TaskSpec, options: AttemptOptions): Promise<AttemptOutcome> {
    // Asked at the launch, so that tasks that are launched together begin together.
    const turn = this.#shared.turns.next();
    // Nothing of the task, its time included, comes before.
    if (!(await options.recorded)) this.kill();
    if (turn !== undefined) await turn;
    const startedAtMs = performance.now();
    const elapse = (failure: Failure): void => this.stop(failure);
    const timeout = new AttemptTimeout(options.timeoutMs, elapse, this.#shared.time);
    this.#timeout = timeout;
    const outcome = this.#stopped === undefined ? await this.#work(spec, options) : NEVER;
    timeout.end();
    this.#endGrace();
    if (this.#output !== undefined) await this.#output.end();
    if (this.#task?.hasTempDir() === true) await rm(spec.tempDir, { recursive: true, force: true });
    this.#shared.running.delete(this);
    const wallMs = Math.round(performance.now() - startedAtMs);
    // Code that never let go of the thread has kept the timer from saying it.
    if (timeout.isUp) this.#stopped ??= timeout.failure;
    return this.#judge(outcome, { wallMs });
  }

  #work(spec: TaskSpec, options: AttemptOptions): Promise<InlineOutcome> {
    const task = this.#shared.worker.open(spec, {
      onItems: (notice) => {
        this.#timeout?.readItems(notice);
        options.onItems(notice);
      },
      onLog: (stream, bytes) => {
        this.#output ??= this.#openOutput(options);
        void this.#output.write(stream, bytes);
      },
    });
    this.#task = task;
    if (this.#wanted > 0) this.pull(this.#wanted);
    return task.run();
  }

  #openOutput({ onLog }: AttemptOptions): ChildOutput {
    const output = new ChildOutput(this.#shared.redaction);
    output.listen(onLog);
    return output;
  }

  #judge(outcome: InlineOutcome, usage: { readonly wallMs: number }): AttemptOutcome {
    if (outcome.kind === 'succeeded' && this.#stopped === undefined) {
      return { kind: 'succeeded', result: outcome.result, usage };
    }
    const changes = outcome.kind === 'failed' ? outcome.failed.changes : {};
    const failure = this.#stopped ?? this.#failureOf(outcome);
    return { kind: 'failed', failed: { failure, changes }, usage };
  }

  #failureOf(outcome: InlineOutcome): Failure {
    return outcome.kind === 'succeeded'
      ? LOST
      : redactFailure(outcome.failed.failure, this.#shared.redaction);
  }
}

const LOST: Failure = { kind: 'lost', message: 'it was stopped before it began' };
const NEVER: InlineOutcome = { kind: 'failed', failed: { failure: LOST, changes: {} } };
