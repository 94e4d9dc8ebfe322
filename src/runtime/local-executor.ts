import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Failure } from '../model/failure.ts';
import type {
  AttemptOptions,
  AttemptOutcome,
  Executor,
  RunningAttempt,
} from '../model/ports/executor.ts';
import type { FromChild, UsedByTask } from '../model/protocol.ts';
import type { TaskSpec } from '../model/task.ts';
import type { ChildExit } from '../process/child-process.ts';
import { OomKills } from '../process/oom-kills.ts';
import { UsageSampler } from '../process/usage-sampler.ts';
import { failureOfExit } from './attempt-failure.ts';
import { AttemptMonitor } from './attempt-monitor.ts';
import { AttemptTimeout } from './attempt-timeout.ts';
import { FlowChild, type FlowChildOptions, type Reply } from './flow-child.ts';
import { heapLimitOptions } from './heap-limit.ts';

/** One honest child per attempt. The child that described the flow serves the first one. */
export class LocalExecutor implements Executor {
  readonly #options: FlowChildOptions;
  readonly #running = new Set<LocalAttempt>();
  readonly #monitoring = { sampler: new UsageSampler(), oomKills: new OomKills() };
  #first: FlowChild | undefined;

  constructor(options: FlowChildOptions, first: FlowChild | undefined) {
    this.#options = options;
    this.#first = first;
  }

  launch(spec: TaskSpec, options: AttemptOptions): RunningAttempt {
    const { graceMs } = this.#options;
    const child = this.#childFor(options);
    const attempt = new LocalAttempt(child, spec, { ...options, ...this.#monitoring, graceMs });
    this.#running.add(attempt);
    void attempt.outcome.finally(() => this.#running.delete(attempt));
    return attempt;
  }

  /** A heap limit must be there from a process's start. */
  #childFor({ memoryBytes }: AttemptOptions): FlowChild {
    if (memoryBytes !== undefined) {
      return new FlowChild({ ...this.#options, nodeOptions: heapLimitOptions(memoryBytes) });
    }
    const child = this.#first ?? new FlowChild(this.#options);
    this.#first = undefined;
    return child;
  }

  async close(): Promise<void> {
    this.#first?.kill();
    for (const attempt of this.#running) attempt.kill();
    await Promise.allSettled([...this.#running].map((attempt) => attempt.outcome));
    await this.#first?.exit;
    this.#first = undefined;
  }
}

interface LocalOptions extends AttemptOptions {
  readonly graceMs: number;
  readonly sampler: UsageSampler;
  readonly oomKills: OomKills;
}

class LocalAttempt implements RunningAttempt {
  readonly #child: FlowChild;
  readonly #graceMs: number;
  readonly #startedAtMs = performance.now();
  readonly #timeout: AttemptTimeout;
  readonly outcome: Promise<AttemptOutcome>;
  readonly #monitor: AttemptMonitor;
  /** Why we ended it, if we did: the first reason wins. */
  #stopped: Failure | undefined;

  constructor(child: FlowChild, spec: TaskSpec, options: LocalOptions) {
    this.#child = child;
    this.#graceMs = options.graceMs;
    this.#timeout = new AttemptTimeout(options.timeoutMs, (failure) => this.stop(failure));
    this.#monitor = new AttemptMonitor({
      ...options,
      pid: child.pid,
      onExceeded: (failure) => this.#endNow(failure),
    });
    child.listen((stream, bytes) => {
      if (stream === 'stderr') this.#monitor.readErrors(bytes);
      return options.onLog(stream, bytes);
    });
    child.listenToItems((notice) => {
      this.#timeout.readItems(notice);
      options.onItems(notice);
    });
    this.outcome = this.#run(spec);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  stop(failure: Failure): void {
    this.#stopped ??= failure;
    this.#child.stop(reasonOf(failure));
  }

  pull(count: number): void {
    this.#timeout.pull(count);
    this.#child.pull(count);
  }

  kill(): void {
    this.#endNow({ kind: 'cancelled', reason: 'killed' });
  }

  #endNow(failure: Failure): void {
    this.#stopped ??= failure;
    this.#child.kill();
  }

  async #run(spec: TaskSpec): Promise<AttemptOutcome> {
    try {
      const reply = await this.#converse(spec);
      const exit = await this.#end();
      const wallMs = Math.round(performance.now() - this.#startedAtMs);
      const usage = { wallMs, ...this.#monitor.end(usedBy(reply)) };
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
      const failure = this.#monitor.explain(failureOfExit(exit, this.#stopped, this.#child.forged));
      return { kind: 'failed', failed: { failure, changes: {} }, usage };
    } finally {
      this.#timeout.end();
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
}

function usedBy(reply: FromChild | undefined): UsedByTask | undefined {
  return reply !== undefined && 'used' in reply ? reply.used : undefined;
}

function messageOf(reply: Reply): FromChild | undefined {
  return reply.kind === 'message' ? reply.message : undefined;
}

function reasonOf(failure: Failure): string {
  if (failure.kind === 'timeout') return `timed out after ${failure.afterMs} ms`;
  return failure.kind === 'cancelled' ? failure.reason : failure.kind;
}
