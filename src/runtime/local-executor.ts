import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { FleetingSet } from '../base/fleeting.ts';
import type { Failure } from '../model/failure.ts';
import type {
  AttemptOptions,
  AttemptOutcome,
  Executor,
  Placement,
  RunningAttempt,
  Upcoming,
} from '../model/ports/executor.ts';
import type { FromChild, ToChild, UsedByTask } from '../model/protocol.ts';
import type { TaskFailure, TaskSpec } from '../model/task.ts';
import type { ChildExit } from '../process/child-process.ts';
import { OomKills } from '../process/oom-kills.ts';
import { UsageSampler } from '../process/usage-sampler.ts';
import { failureOfExit, stopReason } from './attempt-failure.ts';
import { AttemptMonitor } from './attempt-monitor.ts';
import { AttemptTimeout } from './attempt-timeout.ts';
import { type LaunchProfile, plainProfile, profileOf } from './executor/launch-profile.ts';
import { SparePool, type Want } from './executor/spare-pool.ts';
import { FlowChild, type FlowChildOptions, type Reply } from './flow-child.ts';

export interface LocalPlaces {
  /** Children that are there already, the one that described the flow before others: the first spares. */
  readonly started: readonly FlowChild[];
  readonly maxWorkers: number;
  /** Whether children are started ahead of their tasks. */
  readonly spares: boolean;
}

/** One honest child per attempt, started ahead where that is possible. */
export class LocalExecutor implements Executor {
  readonly #options: FlowChildOptions;
  readonly #running = new FleetingSet<LocalAttempt>();
  readonly #monitoring = { sampler: new UsageSampler(), oomKills: new OomKills() };
  readonly #spares: SparePool;
  /** One more than can run: it gets ready while they do. */
  readonly #maxChildren: number;
  readonly #hasSpares: boolean;

  constructor(options: FlowChildOptions, { started, maxWorkers, spares }: LocalPlaces) {
    this.#options = options;
    this.#maxChildren = maxWorkers + 1;
    this.#hasSpares = spares;
    this.#spares = new SparePool((profile) => this.#start(profile));
    for (const child of started) this.#spares.add(child, plainProfile());
    if (!spares) this.#spares.shrinkTo(0);
  }

  launch(spec: TaskSpec, options: AttemptOptions): RunningAttempt {
    const { graceMs } = this.#options;
    const want = wantOf(options.placement);
    const child = this.#childFor(want, options.placement);
    const attempt = new LocalAttempt(child, spec, {
      graceMs,
      ...this.#monitoring,
      ...options,
      ...(want.isPooled ? { onStay: () => this.#spares.putBack(child, want.profile) } : {}),
    });
    this.#running.add(attempt);
    void attempt.outcome.finally(() => this.#running.delete(attempt));
    return attempt;
  }

  expect(upcoming: Upcoming): void {
    if (!this.#hasSpares) return;
    const next = upcoming(this.#maxChildren - this.#running.size);
    this.#spares.hold(next.filter(isPreparable).map(wantOf));
  }

  async close(): Promise<void> {
    for (const attempt of this.#running) attempt.kill();
    await Promise.allSettled([...this.#running].map((attempt) => attempt.outcome));
    await this.#spares.close();
  }

  #childFor(want: Want, placement: Placement): FlowChild {
    const spare = isPreparable(placement) ? this.#spares.take(want) : undefined;
    if (spare !== undefined) return spare;
    this.#spares.shrinkTo(this.#maxChildren - this.#running.size - 1);
    return this.#start(want.profile);
  }

  #start({ environment, nodeOptions }: LaunchProfile): FlowChild {
    const options = this.#options;
    const merged = { ...options.environment, ...environment };
    return new FlowChild({ ...options, nodeOptions, environment: merged });
  }
}

function wantOf(placement: Placement): Want {
  return { profile: profileOf(placement), isPooled: placement.isolation === 'pooled' };
}

/** Whether a child that was started for no task in particular would do. */
export function takesPlainSpare(placement: Placement): boolean {
  return isPreparable(placement) && profileOf(placement) === plainProfile();
}

function isPreparable({ isolation }: Placement): boolean {
  return isolation !== 'fresh';
}

const STAYING: ChildExit = { code: null, signal: null };

/** What a lack of processes or descriptors gets to pass, before the task is placed again. */
const SPAWN_PAUSE_MS = 250;

interface LocalOptions extends AttemptOptions {
  readonly graceMs: number;
  readonly sampler: UsageSampler;
  readonly oomKills: OomKills;
  /** Set where the child may go on to another task: called when it is free for it. */
  readonly onStay?: () => void;
}

class LocalAttempt implements RunningAttempt {
  readonly #child: FlowChild;
  readonly #graceMs: number;
  readonly #startedAtMs = performance.now();
  readonly #timeout: AttemptTimeout;
  readonly outcome: Promise<AttemptOutcome>;
  readonly #monitor: AttemptMonitor;
  readonly #onStay: (() => void) | undefined;
  #wasLoaded = false;
  /** The child is no longer ours. */
  #isOver = false;
  /** Why we ended it, if we did: the first reason wins. */
  #stopped: Failure | undefined;

  constructor(child: FlowChild, spec: TaskSpec, options: LocalOptions) {
    this.#child = child;
    this.#graceMs = options.graceMs;
    this.#onStay = options.onStay;
    this.#timeout = new AttemptTimeout(options.timeoutMs, (failure) => this.stop(failure));
    const { sampler, oomKills, placement } = options;
    const { memoryBytes } = placement;
    this.#monitor = new AttemptMonitor({
      sampler,
      oomKills,
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      pid: child.pid,
      cpuMsBefore: child.usedCpuMs,
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
    this.outcome = this.#run(spec, options.recorded);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  stop(failure: Failure): void {
    if (this.#isOver) return;
    this.#stopped ??= failure;
    this.#child.stop(stopReason(failure), this.#graceMs);
  }

  pull(count: number): void {
    if (this.#isOver) return;
    this.#timeout.pull(count);
    this.#child.pull(count);
  }

  kill(): void {
    this.#endNow({ kind: 'cancelled', reason: 'killed' });
  }

  #endNow(failure: Failure): void {
    if (this.#isOver) return;
    this.#stopped ??= failure;
    this.#child.kill();
  }

  async #run(spec: TaskSpec, recorded: Promise<boolean>): Promise<AttemptOutcome> {
    try {
      if (!(await recorded)) this.kill();
      const reply = await this.#converse(spec);
      const exit = (await this.#leaveTo(reply)) ? STAYING : await this.#end();
      const wallMs = Math.round(performance.now() - this.#startedAtMs);
      const usage = { wallMs, ...this.#monitor.end(usedBy(reply)) };
      if (reply?.type === 'succeeded' && this.#stopped === undefined) {
        return { kind: 'succeeded', result: reply.result, usage };
      }
      const failed = this.#failedOf(reply, exit);
      if (failed.failure.kind === 'spawn') await delay(SPAWN_PAUSE_MS);
      return { kind: 'failed', failed, usage };
    } finally {
      this.#timeout.end();
      if (existsSync(spec.tempDir)) await rm(spec.tempDir, { recursive: true, force: true });
    }
  }

  #request(spec: TaskSpec): ToChild {
    return this.#onStay === undefined ? { type: 'run', spec } : { type: 'run', spec, keep: true };
  }

  #failedOf(reply: FromChild | undefined, exit: ChildExit): TaskFailure {
    if (reply?.type === 'failed') {
      return { ...reply.failed, failure: this.#stopped ?? reply.failed.failure };
    }
    if (reply?.type === 'load-failed' && reply.problem.kind === 'threw') {
      return { failure: reply.problem.failure, changes: {} };
    }
    return { failure: this.#failureOf(exit), changes: {} };
  }

  #failureOf(exit: ChildExit): Failure {
    const failure = failureOfExit(
      exit,
      this.#stopped ?? this.#child.importFailure,
      this.#child.forged,
    );
    const isEnd = failure.kind === 'exit' || failure.kind === 'signal';
    if (!isEnd || !this.#wasLoaded || this.#child.hasStarted) return this.#monitor.explain(failure);
    const cause = failure.kind === 'exit' ? `exit code ${failure.code}` : failure.signal;
    return { kind: 'lost', message: `its process ended before it got the task: ${cause}` };
  }

  async #converse(spec: TaskSpec): Promise<FromChild | undefined> {
    const loaded = messageOf(await this.#child.loaded);
    if (loaded?.type !== 'loaded') return loaded;
    this.#wasLoaded = true;
    return messageOf(await this.#child.ask(this.#request(spec), ['succeeded', 'failed']));
  }

  /** A child that stays goes on to other tasks, once all that this one printed is here. */
  async #leaveTo(reply: FromChild | undefined): Promise<boolean> {
    const stays = reply?.type === 'succeeded' ? reply.stays : undefined;
    if (stays === undefined || this.#onStay === undefined) return false;
    const overdue = setTimeout(() => this.#child.kill(), this.#graceMs);
    await this.#child.rest(stays, usedBy(reply)?.cpuMs);
    clearTimeout(overdue);
    if (this.#stopped !== undefined || this.#child.hasEnded) return false;
    this.#isOver = true;
    this.#onStay();
    return true;
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
