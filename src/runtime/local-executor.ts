import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Failure } from '../model/failure.ts';
import type {
  AttemptOptions,
  AttemptOutcome,
  Executor,
  RunningAttempt,
} from '../model/ports/executor.ts';
import type { FromChild } from '../model/protocol.ts';
import type { TaskSpec } from '../model/task.ts';
import type { ChildExit } from '../process/child-process.ts';
import { failureOfExit } from './attempt-failure.ts';
import { FlowChild, type FlowChildOptions, type Reply } from './flow-child.ts';

/** One honest child per attempt. The child that described the flow serves the first one. */
export class LocalExecutor implements Executor {
  readonly #options: FlowChildOptions;
  readonly #running = new Set<LocalAttempt>();
  #first: FlowChild | undefined;

  constructor(options: FlowChildOptions, first: FlowChild | undefined) {
    this.#options = options;
    this.#first = first;
  }

  launch(spec: TaskSpec, options: AttemptOptions): RunningAttempt {
    const child = this.#first ?? new FlowChild(this.#options);
    this.#first = undefined;
    const { graceMs } = this.#options;
    const attempt = new LocalAttempt(child, spec, { ...options, graceMs });
    this.#running.add(attempt);
    void attempt.outcome.finally(() => this.#running.delete(attempt));
    return attempt;
  }

  async close(): Promise<void> {
    this.#first?.kill();
    for (const attempt of this.#running) attempt.kill();
    await Promise.allSettled([...this.#running].map((attempt) => attempt.outcome));
    await this.#first?.exit;
    this.#first = undefined;
  }
}

/** setTimeout's own limit, 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface LocalOptions extends AttemptOptions {
  readonly graceMs: number;
}

class LocalAttempt implements RunningAttempt {
  readonly #child: FlowChild;
  readonly #graceMs: number;
  readonly #startedAtMs = performance.now();
  readonly outcome: Promise<AttemptOutcome>;
  /** Why we ended it, if we did: the first reason wins. */
  #stopped: Failure | undefined;

  constructor(child: FlowChild, spec: TaskSpec, options: LocalOptions) {
    this.#child = child;
    this.#graceMs = options.graceMs;
    child.listen(options.onLog);
    this.outcome = this.#run(spec, options);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  stop(failure: Failure): void {
    this.#stopped ??= failure;
    this.#child.stop(reasonOf(failure));
  }

  kill(): void {
    this.#stopped ??= { kind: 'cancelled', reason: 'killed' };
    this.#child.kill();
  }

  async #run(spec: TaskSpec, options: AttemptOptions): Promise<AttemptOutcome> {
    const timer = this.#startTimeout(options.timeoutMs);
    try {
      const reply = await this.#converse(spec);
      const exit = await this.#end();
      const usage = { wallMs: Math.round(performance.now() - this.#startedAtMs) };
      if (reply?.type === 'succeeded' && this.#stopped === undefined) {
        return { kind: 'succeeded', result: reply.result, usage };
      }
      if (reply?.type === 'failed') {
        const failed = { ...reply.failed, failure: this.#stopped ?? reply.failed.failure };
        return { kind: 'failed', failed, usage };
      }
      if (reply?.type === 'load-failed' && reply.problem.kind === 'threw') {
        return { kind: 'failed', failed: { failure: reply.problem.failure, changes: {} }, usage };
      }
      const failure = failureOfExit(exit, this.#stopped, this.#child.forged);
      return { kind: 'failed', failed: { failure, changes: {} }, usage };
    } finally {
      clearTimeout(timer);
      await rm(spec.tempDir, { recursive: true, force: true });
    }
  }

  async #converse(spec: TaskSpec): Promise<FromChild | undefined> {
    const loaded = messageOf(await this.#child.loaded);
    if (loaded?.type !== 'loaded') return loaded;
    return messageOf(await this.#child.ask({ type: 'run', spec }, ['succeeded', 'failed']));
  }

  /** A worker ends once it has answered. Exit handlers of the user's get a grace, not for ever. */
  async #end(): Promise<ChildExit> {
    const overdue = setTimeout(() => this.#child.kill(), this.#graceMs);
    try {
      return await this.#child.exit;
    } finally {
      clearTimeout(overdue);
    }
  }

  #startTimeout(timeoutMs: number | undefined): NodeJS.Timeout | undefined {
    if (timeoutMs === undefined) return undefined;
    const delayMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
    return setTimeout(() => this.stop({ kind: 'timeout', afterMs: timeoutMs }), delayMs);
  }
}

function messageOf(reply: Reply): FromChild | undefined {
  return reply.kind === 'message' ? reply.message : undefined;
}

function reasonOf(failure: Failure): string {
  if (failure.kind === 'timeout') return `timed out after ${failure.afterMs} ms`;
  return failure.kind === 'cancelled' ? failure.reason : failure.kind;
}
