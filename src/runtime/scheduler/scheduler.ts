import { InternalError } from '../../model/errors.ts';
import type { EventDraft, FailedTask, OnFailure } from '../../model/events.ts';
import type { FlowGraph } from '../../model/graph.ts';
import type { TaskId } from '../../model/ids.ts';
import { type ArtifactScope, extendScope } from '../../model/lineage.ts';
import type { TakenTransition, TaskResult, YieldedItems } from '../../model/task.ts';
import { Admission } from './admission.ts';
import { illegalEnd, type RefusedTransition, refuseEnd } from './check-end.ts';
import type { Command, RunOutcome, SchedulerEvent, StreamEvent } from './commands.ts';
import type { Capacity } from './demand.ts';
import {
  checkItems,
  checkOpening,
  checkStream,
  ItemStreams,
  yieldedSoFar,
} from './item-streams.ts';
import { type FrameView, openFrames } from './open-frames.ts';
import { compilePlan, type PlanStep } from './plan.ts';
import {
  type Area,
  idOf,
  isInFlight,
  type OpenForeach,
  rootArea,
  sizeOf,
  stepOf,
  type Task,
  type Unit,
  unitOf,
} from './state.ts';
import { StepDemands } from './step-demands.ts';
import type { TaskRecord } from './task-record.ts';
import { type JoinView, joinView, startScope } from './task-scope.ts';
import { type FailedUnit, TaskTable } from './task-table.ts';
import { TokenFlow } from './token-flow.ts';
import { unexpectedAnswer } from './unexpected-answer.ts';
import { upcomingSteps } from './upcoming.ts';

export interface SchedulerOptions extends Capacity {
  readonly onFailure: OnFailure;
  /** Rounds that a loop may make. Default 10,000. */
  readonly maxIterations?: number;
  /** Asked once about what starts as one, a task or a gang: is it taken over from another run? */
  readonly isClone?: (tasks: readonly TaskId[], scheduler: Scheduler) => boolean;
}

type EventOf<T extends EventDraft['type']> = Extract<EventDraft, { readonly type: T }>;
type Stopped = { readonly kind: 'failure' } | { readonly kind: 'cancel'; readonly reason: string };

/**
 * Decides what a run does next. Deterministic: no I/O, no clock, no randomness; the same events give
 * the same commands. Its state is updated in place, each event and token at O(1).
 *
 *   ready ─► commanded ─► running ─┬─► gone (its record is kept where a later task needs it)
 *     ▲                  │         ├─► waiting for a retry
 *     │                  ▼         │        │
 *     │             yielding ──────┘        │
 *     └─────────────────────────────────────┘
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #steps: readonly PlanStep[];
  readonly #root: Area;
  readonly #flow: TokenFlow;
  readonly #demands: StepDemands;
  readonly #queue: Admission;
  readonly #streams: ItemStreams;
  /** What the event at hand made ready. */
  readonly #becameReady: (Task | OpenForeach)[] = [];
  readonly #tasks = new TaskTable();
  #inFlight = 0;
  /** The time of the event at hand. */
  #atMs: number | undefined;
  #waiting = 0;
  /** Why nothing new starts any more. */
  #stopped: Stopped | undefined;
  #firstFailure: Extract<RunOutcome, { readonly kind: 'failed' }> | undefined;
  #finished = false;

  constructor(graph: FlowGraph, options: SchedulerOptions) {
    const plan = compilePlan(graph);
    this.#options = options;
    this.#steps = plan.steps;
    this.#root = rootArea(plan.root);
    this.#demands = new StepDemands(graph.nodes, options);
    this.#queue = new Admission({
      demandOf: (entry) => this.#demands.of(stepOf(entry).name, sizeOf(entry)),
      depthOf: (entry) => stepOf(entry).foreachDepth,
      makeItem: (frame) => this.#flow.enterItem(frame),
    });
    this.#streams = new ItemStreams(options.maxWorkers);
    this.#flow = new TokenFlow((entry) => this.#becameReady.push(entry));
  }

  /** Takes a fact in and says what follows from it. */
  advance(event: SchedulerEvent): Command[] {
    const commands: Command[] = [];
    this.#atMs = event.at;
    this.#take(event, commands);
    this.#queueReady(commands);
    this.#launchReady(commands);
    if (this.#stopped === undefined) this.#streams.pull(commands);
    this.#finishIfDone(commands);
    return commands;
  }

  /** Why the graph or a limit does not allow what a task did; undefined if it may. */
  checkTransition(id: TaskId, taken: TakenTransition): RefusedTransition | undefined {
    const { maxIterations } = this.#options;
    return refuseEnd(this.#tasks.find(id), taken, { maxIterations, demands: this.#demands });
  }

  /** Why a task may not say this of the items of its foreach; undefined if it may. */
  checkStream(event: StreamEvent): string | undefined {
    return checkStream(this.#tasks.find(event), event);
  }

  /** What earlier attempts of a task yielded: the next one must yield it again. */
  yieldedBy(id: TaskId): YieldedItems | undefined {
    return yieldedSoFar(this.#tasks.find(id));
  }

  /** How often the current attempt was placed again for a fault that was not its own. */
  placementsOf(id: TaskId): number {
    return this.#tasks.find(id).placements;
  }

  /** The tasks that it follows, in declaration or index order. */
  inputsOf(id: TaskId): readonly TaskRecord[] {
    return this.#tasks.find(id).inputs;
  }

  /** What a task starts with; of a join, what no input changed since the fork. */
  startOf(id: TaskId): ArtifactScope {
    return startScope(this.#tasks.find(id));
  }

  joinOf(id: TaskId): JoinView {
    return joinView(this.#tasks.find(id));
  }

  /** The open foreaches around a task, outermost first. */
  framesOf(id: TaskId): readonly FrameView[] {
    return openFrames(this.#tasks.find(id).area);
  }

  /** Steps of tasks that may still start, soonest first, at most so many. */
  upcoming(limit: number): readonly string[] {
    if (this.#stopped !== undefined) return [];
    return upcomingSteps({ queue: this.#queue, tasks: this.#tasks.all() }, limit);
  }

  #take(event: SchedulerEvent, commands: Command[]): void {
    switch (event.type) {
      case 'run.started':
        return this.#begin();
      case 'task.launched':
        return this.#expect(event, 'commanded', 'running');
      case 'foreach.opened':
        return this.#openStream(event, commands);
      case 'foreach.yielded':
        return this.#addItems(event);
      case 'task.succeeded':
      case 'task.cloned':
        return this.#record(this.#end(event), event);
      case 'gang.succeeded':
        return this.#succeedTogether(event);
      case 'task.failed':
        return this.#fail({ ...event, unit: [this.#end(event)], task: event }, commands);
      case 'gang.failed':
        return this.#failTogether(event, commands);
      case 'timer.fired':
        return this.#retry(event);
      case 'run.stopping':
        return this.#cancel(event.reason, commands);
      case 'run.succeeded':
      case 'run.failed':
      case 'run.cancelled':
      case 'hook.started':
      case 'hook.succeeded':
      case 'hook.failed':
    }
  }

  #begin(): void {
    for (const step of this.#steps) {
      if (step.ports === 0 && step.gateRegion === this.#root.region) {
        this.#flow.begin(this.#root, step);
      }
    }
  }

  /** The step has ended: from now on its task holds no slot. */
  #openStream(event: EventOf<'foreach.opened'>, commands: Command[]): void {
    const task = this.#tasks.findInFlight(event);
    const illegal = checkOpening(task, event);
    if (illegal !== undefined) throw new InternalError(illegal);
    task.phase = 'yielding';
    this.#inFlight -= 1;
    this.#queue.release(task);
    this.#streams.open(this.#flow.open(task, event.changes));
    if (this.#stopped !== undefined) this.#stopStreams(commands);
  }

  #addItems(event: EventOf<'foreach.yielded'>): void {
    const task = this.#tasks.find(event);
    const illegal = checkItems(task, event.page);
    if (illegal !== undefined || task.opened?.stream === undefined) {
      throw new InternalError(illegal ?? 'a stream without a foreach');
    }
    task.opened.stream.digest = event.digest;
    this.#streams.take(task.opened.stream, event.page.count);
    this.#flow.addItems(task.opened, event.page);
  }

  #succeedTogether(event: EventOf<'gang.succeeded'>): void {
    for (const [n, task] of this.#endTogether(event).entries()) {
      const result = event.members[n];
      if (result !== undefined) this.#record(task, result);
    }
  }

  #failTogether(event: EventOf<'gang.failed'>, commands: Command[]): void {
    const { step, failed: position, attempt, failure, then: next } = event;
    const task = { step, position, attempt };
    this.#fail({ unit: this.#endTogether(event), task, failure, then: next }, commands);
  }

  #record(task: Task, { changes, transition }: TaskResult): void {
    const { step, area } = task;
    const illegal = illegalEnd(task, transition);
    if (illegal !== undefined) throw new InternalError(illegal);
    const scope = extendScope(startScope(task), changes);
    const record = { step: step.name, position: area.position, scope };
    // Items hang on the record that they started with.
    const { opened } = task;
    this.#flow.succeed(
      task,
      opened === undefined || opened.size === 0 ? record : opened.record,
      transition,
    );
  }

  #fail(failed: FailedUnit, commands: Command[]): void {
    const { unit, then } = failed;
    if (then.kind === 'catch') {
      for (const task of unit) this.#record(task, then);
      return;
    }
    if (then.kind === 'give-up' || this.#stopped !== undefined) {
      return this.#giveUp(failed, commands);
    }
    for (const task of unit) this.#tasks.add(task);
    if (then.kind === 'replace') return this.#placeAgain(unit);
    for (const task of unit) task.phase = 'waiting';
    this.#waiting += 1;
    commands.push({ type: 'wait', ...idOf(unit[0]), delayMs: then.delayMs });
  }

  #giveUp({ unit, task, failure }: FailedUnit, commands: Command[]): void {
    const { step, position, attempt } = task;
    this.#firstFailure ??= { kind: 'failed', task: { step, position, attempt }, failure };
    const status = failure.kind === 'cancelled' ? 'cancelled' : 'failed';
    for (const one of unit) this.#flow.fail(one, status);
    if (this.#options.onFailure === 'continue' || this.#stopped !== undefined) return;
    this.#stop({ kind: 'failure' });
    if (this.#options.onFailure === 'kill') {
      this.#stopTasks(`${step} failed and --on-failure is kill`, commands);
    } else {
      this.#stopStreams(commands);
    }
  }

  /** Nobody asks them for more, so they would never end. */
  #stopStreams(commands: Command[]): void {
    const tasks = this.#tasks.list(({ phase }) => phase === 'yielding');
    const reason = 'nothing starts any more that could take its items';
    if (tasks.length > 0) commands.push({ type: 'stop-tasks', reason, tasks });
  }

  #placeAgain(unit: Unit): void {
    for (const task of unit) {
      task.placements += 1;
      task.phase = 'ready';
    }
    this.#queue.push(unit[0], this.#atMs);
  }

  #retry(event: FailedTask): void {
    const task = this.#tasks.get(event);
    if (task?.phase !== 'waiting' || task.attempt !== event.attempt) return;
    this.#waiting -= 1;
    for (const one of unitOf(task)) {
      one.attempt += 1;
      one.placements = 0;
      one.phase = 'ready';
    }
    if (this.#stopped === undefined) this.#queue.push(task, this.#atMs);
  }

  #cancel(reason: string, commands: Command[]): void {
    if (this.#stopped?.kind === 'cancel') return;
    this.#stop({ kind: 'cancel', reason });
    this.#stopTasks(reason, commands);
  }

  #stop(stopped: Stopped): void {
    this.#stopped = stopped;
    this.#queue.clear();
  }

  #stopTasks(reason: string, commands: Command[]): void {
    const tasks = this.#tasks.list(isInFlight);
    if (tasks.length > 0) commands.push({ type: 'stop-tasks', reason, tasks });
  }

  /** What becomes ready at once starts in declaration order. */
  #queueReady(commands: Command[]): void {
    if (this.#becameReady.length > 1)
      this.#becameReady.sort((a, b) => stepOf(a).index - stepOf(b).index);
    if (this.#stopped === undefined) {
      for (const entry of this.#becameReady) this.#enqueue(entry, commands);
    }
    this.#becameReady.length = 0;
  }

  /** Clones go ahead of everything: a failure of what runs must not lose what was done before. */
  #enqueue(entry: Task | OpenForeach, commands: Command[]): void {
    const { isClone } = this.#options;
    if (isClone === undefined) return this.#queue.push(entry, this.#atMs);
    for (const unit of this.#unitsOf(entry)) {
      for (const task of unit) this.#tasks.add(task);
      if (!isClone(unit.map(idOf), this)) this.#queue.push(unit[0], this.#atMs);
      else for (const task of unit) commands.push({ type: 'clone', ...this.#command(task) });
    }
  }

  *#unitsOf(entry: Task | OpenForeach): Generator<Unit> {
    if (!('splitter' in entry)) return yield unitOf(entry);
    while (entry.next < entry.size) yield [this.#flow.enterItem(entry)];
  }

  #launchReady(commands: Command[]): void {
    if (this.#stopped !== undefined) return;
    for (;;) {
      const admitted = this.#queue.next(this.#streams.minDepth);
      if (admitted === undefined) return;
      const { task, readyAtMs } = admitted;
      const ready = readyAtMs === undefined ? {} : { readyAtMs };
      const members = unitOf(task).map((one) => this.#command(one));
      if (task.gang !== undefined) commands.push({ type: 'launch-gang', members, ...ready });
      else for (const id of members) commands.push({ type: 'launch', ...id, ...ready });
    }
  }

  #command(task: Task): FailedTask {
    task.phase = 'commanded';
    this.#tasks.add(task);
    this.#inFlight += 1;
    this.#streams.launch(task);
    return idOf(task);
  }

  #finishIfDone(commands: Command[]): void {
    if (this.#finished || this.#inFlight > 0 || !this.#streams.isEmpty) return;
    if (this.#stopped === undefined && (!this.#queue.isEmpty || this.#waiting > 0)) return;
    if (this.#stopped === undefined && this.#root.unresolved > 0) {
      throw new InternalError(`${this.#root.unresolved} steps wait for tokens that never come`);
    }
    this.#finished = true;
    commands.push({ type: 'finish', outcome: this.#outcome() });
  }

  #outcome(): RunOutcome {
    const stopped = this.#stopped;
    if (stopped?.kind === 'cancel') return { kind: 'cancelled', reason: stopped.reason };
    return this.#firstFailure ?? { kind: 'succeeded' };
  }

  #expect(event: FailedTask, from: Task['phase'], to: Task['phase']): void {
    const task = this.#tasks.find(event);
    if (task.phase !== from || task.attempt !== event.attempt) throw unexpectedAnswer(event, task);
    task.phase = to;
  }

  /** Takes an attempt out of flight. */
  #end(event: FailedTask): Task {
    const task = this.#tasks.findInFlight(event);
    this.#tasks.remove(task);
    if (task.phase === 'yielding') this.#streams.close(task);
    else this.#inFlight -= 1;
    this.#queue.release(task);
    return task;
  }

  #endTogether({ step, attempt, members }: EventOf<'gang.succeeded' | 'gang.failed'>): Unit {
    const ids = members.map(({ position }) => ({ step, position, attempt }));
    const gang = this.#tasks.findGang(ids);
    for (const id of ids) this.#end(id);
    return gang;
  }
}
