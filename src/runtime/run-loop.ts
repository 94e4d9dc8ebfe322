import type { Awaitable } from '../base/awaitable.ts';
import { createDeferred } from '../base/deferred.ts';
import { FleetingMap } from '../base/fleeting.ts';
import type { ArtifactRef } from '../model/artifact.ts';
import type { StepPolicy } from '../model/definition.ts';
import { InternalError } from '../model/errors.ts';
import type { EventDraft, FailedTask, FlowEvent, RunOptions, Usage } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { GraphNode } from '../model/graph.ts';
import { type TaskPath, taskPath } from '../model/ids.ts';
import type { AttemptOutcome, Placement, RunningAttempt } from '../model/ports/executor.ts';
import type { TaskResult, TaskSpec } from '../model/task.ts';
import { blobsOf } from './blobs-of.ts';
import { awaitGang, type GangOutcome } from './gang-outcome.ts';
import { buildGangSpecs } from './gang-specs.ts';
import { MeetingPlaces } from './meeting-places.ts';
import { Recorder } from './recorder.ts';
import type { RunParts } from './run-parts.ts';
import type { Command, RunOutcome as Finish, SchedulerEvent } from './scheduler/commands.ts';
import { settleFailure } from './settle-failure.ts';
import { type StartedAttempt, startAttempt } from './start-attempt.ts';
import { buildTaskSpec } from './task-spec.ts';

type Launch = Extract<Command, { readonly type: 'launch' }>;
type GangLaunch = Extract<Command, { readonly type: 'launch-gang' }>;
type Clone = Extract<Command, { readonly type: 'clone' }>;
type StopTasks = Extract<Command, { readonly type: 'stop-tasks' }>;
type FailedOutcome = Extract<AttemptOutcome, { readonly kind: 'failed' }>;
type Wait = Extract<Command, { readonly type: 'wait' }>;

/**
 * The effects around the scheduler: it performs commands, turns what happened into events, writes
 * each event before anything follows from it, and feeds it back. It decides nothing.
 */
export class RunLoop {
  readonly #parts: RunParts;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #placements: ReadonlyMap<string, Placement>;
  readonly #attempts = new FleetingMap<TaskPath, RunningAttempt>();
  readonly #recorder: Recorder;
  readonly #meetingPlaces = new MeetingPlaces();
  /** How to call off what is waited for. */
  readonly #waits = new Set<() => void>();
  readonly #end = createDeferred<Finish>();
  /** Commands still to be performed: a list, since thousands of clones may follow from each other. */
  readonly #pending: Command[] = [];
  #isPerforming = false;
  #expected: NodeJS.Immediate | undefined;
  /** Attempts that have to end, for launches that are still being put together. */
  readonly #stopped = new Map<TaskPath, Failure>();
  #isStopping = false;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#recorder = new Recorder({ ...parts, onFailure: (error) => this.#end.reject(error) });
    this.#nodes = new Map(parts.graph.nodes.map((node) => [node.name, node]));
    this.#placements = new Map(
      parts.graph.nodes.map(({ name, policy }) => [name, placementOf(policy, parts.options)]),
    );
  }

  /** Runs to the end. Throws what makes going on impossible, e.g. a journal that can't be written. */
  async run(started: EventDraft): Promise<Finish> {
    try {
      this.#record(started);
      return await this.#end.promise;
    } finally {
      for (const callOff of this.#waits) callOff();
      clearImmediate(this.#expected);
      await this.#parts.executor.close();
    }
  }

  /** Nothing new starts; what runs is ended in its grace. */
  stop(reason: string): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#guard(() => void this.#record({ type: 'run.stopping', reason }));
  }

  /** What runs is ended now. */
  kill(): void {
    for (const attempt of this.#attempts.values()) attempt.kill();
  }

  #record(draft: EventDraft): FlowEvent {
    const { journal, indexer } = this.#parts;
    const offset = journal.length;
    const event = this.#recorder.record(draft);
    indexer.add(event, offset);
    this.#advance(event);
    return event;
  }

  #advance(event: SchedulerEvent): void {
    for (const command of this.#parts.scheduler.advance(event)) this.#pending.push(command);
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    try {
      for (const command of this.#pending) this.#perform(command);
    } finally {
      this.#pending.length = 0;
      this.#isPerforming = false;
    }
    this.#expected ??= setImmediate(() => this.#expect());
  }

  /** After everything that somebody waits for. */
  #expect(): void {
    this.#expected = undefined;
    const { executor, scheduler } = this.#parts;
    executor.expect?.((limit) => scheduler.upcoming(limit).map((step) => this.#placement(step)));
  }

  #perform(command: Command): void {
    switch (command.type) {
      case 'launch':
        this.#work(this.#launch(command));
        return;
      case 'launch-gang':
        this.#work(this.#launchGang(command));
        return;
      case 'clone':
        this.#clone(command);
        return;
      case 'wait':
        this.#wait(command);
        return;
      case 'stop-tasks':
        this.#stopTasks(command);
        return;
      case 'pull':
        this.#attempts.get(taskPath(command))?.pull(command.count);
        return;
      case 'finish':
        this.#finish(command.outcome);
    }
  }

  /** From a launch until all that follows from its outcome is recorded. */
  #work(work: Promise<void>): void {
    const release = this.#parts.time.hold?.();
    work.then(release, (error: unknown) => {
      this.#end.reject(error);
      release?.();
    });
  }

  #stopTasks({ tasks, reason }: StopTasks): void {
    this.#recorder.write();
    for (const task of tasks) {
      const path = taskPath(task);
      this.#stopped.set(path, { kind: 'cancelled', reason });
      this.#attempts.get(path)?.stop({ kind: 'cancelled', reason });
    }
  }

  /** The last event of the journal. The scheduler has nothing to say about it. */
  #finish(outcome: Finish): void {
    this.#recorder.record(finalEvent(outcome));
    this.#recorder.write();
    this.#end.resolve(outcome);
  }

  #clone({ step, position, attempt }: Clone): void {
    const task = this.#parts.resume?.originOf({ step, position });
    if (task === undefined) throw new InternalError(`${step}/${position} is a clone of nothing`);
    const { result, ranIn: origin, ranAt: originPosition } = task;
    const place = originPosition === position ? { origin } : { origin, originPosition };
    this.#record({ type: 'task.cloned', step, position, attempt, ...place, ...result });
  }

  async #launch(launch: Launch): Promise<void> {
    const node = this.#node(launch.step);
    const built = buildTaskSpec(this.#parts, node, launch);
    const spec = built instanceof Promise ? await built : built;
    if (this.#parts.options.durability === 'power') await this.#parts.journal.flush();
    const started = this.#start(node, spec);
    const at = this.#follow([started]);
    const outcome = await started.outcome;
    this.#forget([started]);
    const queuedMs = Math.max(0, at - (launch.readyAtMs ?? at));
    const settled = this.#settle(launch, withUsage(outcome, { queuedMs, ...outcome.usage }));
    if (settled instanceof Promise) await settled;
  }

  #start(node: GraphNode, spec: TaskSpec): StartedAttempt {
    const record = (event: EventDraft): void => void this.#record(event);
    const placement = this.#placement(spec.step);
    const recorded = this.#recorder.written();
    return startAttempt({ parts: this.#parts, node, placement, record, recorded }, spec);
  }

  #forget(started: readonly StartedAttempt[]): void {
    for (const { spec } of started) {
      this.#attempts.delete(taskPath(spec));
      this.#stopped.delete(taskPath(spec));
    }
  }

  /** Records attempts as launched, at this time, and stops them again where the run stops. */
  #follow(started: readonly StartedAttempt[]): number {
    for (const { spec, running } of started) this.#attempts.set(taskPath(spec), running);
    const times = started.map(({ spec: { step, position, attempt }, running: { pid } }) => {
      const known = {
        ...(pid === undefined ? {} : { pid }),
        ...this.#parts.resume?.elsewhere({ step, position }),
      };
      return this.#record({ type: 'task.launched', step, position, attempt, ...known }).at;
    });
    for (const { spec, running } of started) {
      const stopped = this.#stopped.get(taskPath(spec));
      if (stopped !== undefined) running.stop(stopped);
    }
    return Math.max(...times);
  }

  async #launchGang({ members, readyAtMs }: GangLaunch): Promise<void> {
    const [first] = members;
    if (first === undefined) throw new InternalError('a gang without tasks is launched');
    const node = this.#node(first.step);
    const mainAddress = await this.#meetingPlaces.lend();
    const specs = await buildGangSpecs(this.#parts, node, { members, mainAddress });
    if (this.#parts.options.durability === 'power') await this.#parts.journal.flush();
    const gang = specs.map((spec) => this.#start(node, spec));
    const at = this.#follow(gang);
    const { scheduler } = this.#parts;
    const outcome = await awaitGang(gang, {
      refuse: (spec, { transition }) => scheduler.checkTransition(spec, transition),
      queuedMs: Math.max(0, at - (readyAtMs ?? at)),
    });
    this.#forget(gang);
    this.#meetingPlaces.takeBack(mainAddress);
    await this.#settleGang(first, outcome);
  }

  async #settleGang(task: FailedTask, outcome: GangOutcome): Promise<void> {
    const { step, attempt } = task;
    const { options, blobs, scheduler } = this.#parts;
    if (outcome.kind === 'succeeded') {
      const { members } = outcome;
      if (options.durability === 'power') await blobs.sync(blobsOf(members.flatMap(refsOf)));
      this.#record({ type: 'gang.succeeded', step, attempt, members });
      return;
    }
    const { failure, failed, members } = outcome;
    const then = await settleFailure(this.#parts, {
      task,
      node: this.#node(step),
      failure,
      placements: scheduler.placementsOf(task),
    });
    this.#record({ type: 'gang.failed', step, attempt, failure, failed, members, then });
  }

  #settle(launch: Launch, outcome: AttemptOutcome): Awaitable<void> {
    if (outcome.kind === 'failed') return this.#fail(launch, outcome);
    const { step, position, attempt } = launch;
    const { scheduler, options, blobs } = this.#parts;
    const { result, usage } = outcome;
    const refused = scheduler.checkTransition(launch, result.transition);
    if (refused !== undefined) {
      const failed = { failure: refused, changes: result.changes };
      return this.#fail(launch, { kind: 'failed', failed, usage });
    }
    const succeed = (): void => {
      const { changes, transition } = result;
      this.#record({ type: 'task.succeeded', step, position, attempt, changes, transition, usage });
    };
    if (options.durability !== 'power') return succeed();
    return blobs.sync(blobsOf(refsOf(result))).then(succeed);
  }

  async #fail({ step, position, attempt }: Launch, { failed, usage }: FailedOutcome) {
    const task = { step, position, attempt };
    const then = await settleFailure(this.#parts, {
      task,
      node: this.#node(step),
      failure: failed.failure,
      placements: this.#parts.scheduler.placementsOf(task),
    });
    this.#record({ type: 'task.failed', ...task, ...failed, then, usage });
  }

  #wait({ step, position, attempt, delayMs }: Wait): void {
    const { time } = this.#parts;
    const callOff = time.after(delayMs, () => {
      this.#waits.delete(callOff);
      this.#guard(() =>
        this.#advance({ type: 'timer.fired', step, position, attempt, at: time.now() }),
      );
    });
    this.#waits.add(callOff);
  }

  /** Timers and signals have no caller who could catch. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end.reject(error);
    }
  }

  #placement(step: string): Placement {
    return this.#placements.get(step) ?? {};
  }

  #node(step: string): GraphNode {
    const node = this.#nodes.get(step);
    if (node === undefined)
      throw new InternalError(`the scheduler launches the unknown step ${step}`);
    return node;
  }
}

export function placementOf(
  policy: StepPolicy,
  run: Pick<RunOptions, 'isolation'> = {},
): Placement {
  const { environment, resources, isolation = run.isolation } = policy;
  const memoryBytes = resources?.memoryBytes;
  return {
    ...(environment === undefined ? {} : { environment }),
    ...(isolation === undefined ? {} : { isolation }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

function withUsage(outcome: AttemptOutcome, usage: Usage): AttemptOutcome {
  return outcome.kind === 'succeeded'
    ? { kind: 'succeeded', result: outcome.result, usage }
    : { kind: 'failed', failed: outcome.failed, usage };
}

function finalEvent(outcome: Finish): EventDraft {
  switch (outcome.kind) {
    case 'succeeded':
      return { type: 'run.succeeded' };
    case 'cancelled':
      return { type: 'run.cancelled', reason: outcome.reason };
    case 'failed':
      return { type: 'run.failed', failure: outcome.failure, task: outcome.task };
  }
}

function refsOf({ changes, transition }: TaskResult): readonly (ArtifactRef | null)[] {
  const isWide = transition.kind === 'foreach' || transition.kind === 'gang';
  const pages = isWide ? transition.pages.map(({ ref }) => ref) : [];
  return [...Object.values(changes), ...pages];
}
