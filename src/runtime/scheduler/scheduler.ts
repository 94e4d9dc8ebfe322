import { InternalError } from '../../model/errors.ts';
import type { EventDraft, FailedTask, OnFailure } from '../../model/events.ts';
import type { Failure } from '../../model/failure.ts';
import type { FlowGraph } from '../../model/graph.ts';
import { type TaskId, type TaskPath, taskPath } from '../../model/ids.ts';
import { type ArtifactScope, extendScope, type JoinedScope } from '../../model/lineage.ts';
import type { TakenTransition, TaskResult, YieldedItems } from '../../model/task.ts';
import { Admission } from './admission.ts';
import { checkRounds, DEFAULT_MAX_ITERATIONS } from './check-rounds.ts';
import { checkTransition } from './check-transition.ts';
import type { Command, RunOutcome, SchedulerEvent, StreamEvent } from './commands.ts';
import { type Capacity, compileDemands, type Demand } from './demand.ts';
import {
  checkEnd,
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
  makeArea,
  type OpenForeach,
  stepOf,
  type Task,
} from './state.ts';
import type { TaskRecord } from './task-record.ts';
import { forkOf, joinedScope, startScope } from './task-scope.ts';
import { TokenFlow } from './token-flow.ts';
import { unexpectedAnswer } from './unexpected-answer.ts';
import { upcomingSteps } from './upcoming.ts';

export interface SchedulerOptions extends Capacity {
  readonly onFailure: OnFailure;
  /** Rounds that a loop may make. Default 10,000. */
  readonly maxIterations?: number;
  /** Asked once about each task that gets ready: is its result taken over from another run? */
  readonly isClone?: (task: TaskId, scheduler: Scheduler) => boolean;
}

/** How a task fails whose end the graph or a limit does not allow. */
export type RefusedTransition = Extract<Failure, { readonly kind: 'user-error' | 'protocol' }>;

/** What a join is put together from. */
export interface JoinView extends JoinedScope {
  readonly fork: TaskRecord;
  /** In declaration or index order. */
  readonly inputs: readonly TaskRecord[];
}

const NO_DEMAND: Demand = [];

type EventOf<T extends EventDraft['type']> = Extract<EventDraft, { readonly type: T }>;
type Stopped = { readonly kind: 'failure' } | { readonly kind: 'cancel'; readonly reason: string };
type Success = EventOf<'task.succeeded'> | EventOf<'task.cloned'>;

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
  readonly #queue: Admission;
  readonly #streams: ItemStreams;
  /** What the event at hand made ready. */
  readonly #becameReady: (Task | OpenForeach)[] = [];
  /** Tasks from their launch to their end. */
  readonly #tasks = new Map<TaskPath, Task>();
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
    this.#root = makeArea(plan.root);
    const demands = compileDemands(graph.nodes, options);
    this.#queue = new Admission({
      demandOf: (entry) => demands.get(stepOf(entry).name) ?? NO_DEMAND,
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
    const task = this.#task(id);
    const message = checkTransition(task.step, taken) ?? checkEnd(task, taken);
    if (message !== undefined) return { kind: 'protocol', message };
    return checkRounds(task, taken, this.#options.maxIterations ?? DEFAULT_MAX_ITERATIONS);
  }

  /** Why a task may not say this of the items of its foreach; undefined if it may. */
  checkStream(event: StreamEvent): string | undefined {
    return checkStream(this.#task(event), event);
  }

  /** What earlier attempts of a task yielded: the next one must yield it again. */
  yieldedBy(id: TaskId): YieldedItems | undefined {
    return yieldedSoFar(this.#task(id));
  }

  /** How often the current attempt was placed again for a fault that was not its own. */
  placementsOf(id: TaskId): number {
    return this.#task(id).placements;
  }

  /** The tasks that it follows, in declaration or index order. */
  inputsOf(id: TaskId): readonly TaskRecord[] {
    return this.#task(id).inputs;
  }

  /** What a task starts with; of a join, what no input changed since the fork. */
  startOf(id: TaskId): ArtifactScope {
    return startScope(this.#task(id));
  }

  joinOf(id: TaskId): JoinView {
    const task = this.#task(id);
    return { fork: forkOf(task), inputs: task.inputs, ...joinedScope(task) };
  }

  /** The open foreaches around a task, outermost first. */
  framesOf(id: TaskId): readonly FrameView[] {
    return openFrames(this.#task(id).area);
  }

  /** Steps of tasks that may still start, soonest first, at most so many. */
  upcoming(limit: number): readonly string[] {
    if (this.#stopped !== undefined) return [];
    return upcomingSteps({ queue: this.#queue, tasks: this.#tasks.values() }, limit);
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
        return this.#succeed(event);
      case 'task.failed':
        return this.#fail(event, commands);
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
    const task = this.#task(event);
    const illegal = checkOpening(task, event);
    if (!isInFlight(task) || task.attempt !== event.attempt) throw unexpectedAnswer(event, task);
    if (illegal !== undefined) throw new InternalError(illegal);
    task.phase = 'yielding';
    this.#inFlight -= 1;
    this.#queue.release(task);
    this.#streams.open(this.#flow.open(task, event.changes));
    if (this.#stopped !== undefined) this.#stopStreams(commands);
  }

  #addItems(event: EventOf<'foreach.yielded'>): void {
    const task = this.#task(event);
    const illegal = checkItems(task, event.page);
    if (illegal !== undefined || task.opened?.stream === undefined) {
      throw new InternalError(illegal ?? 'a stream without a foreach');
    }
    task.opened.stream.digest = event.digest;
    this.#streams.take(task.opened.stream, event.page.count);
    this.#flow.addItems(task.opened, event.page);
  }

  #succeed(event: Success): void {
    const task = this.#end(event);
    this.#record(task, event);
  }

  #record(task: Task, { changes, transition }: TaskResult): void {
    const { step, area } = task;
    const illegal = checkTransition(step, transition) ?? checkEnd(task, transition);
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

  #fail(event: EventOf<'task.failed'>, commands: Command[]): void {
    const { then, step, position, attempt } = event;
    const task = this.#end(event);
    if (then.kind === 'catch') return this.#record(task, then);
    if (then.kind !== 'give-up' && this.#stopped === undefined) {
      this.#tasks.set(taskPath({ step, position }), task);
      if (then.kind === 'replace') return this.#placeAgain(task);
      task.phase = 'waiting';
      this.#waiting += 1;
      commands.push({ type: 'wait', step, position, attempt, delayMs: then.delayMs });
      return;
    }
    this.#giveUp(task, event, commands);
  }

  #giveUp(task: Task, event: EventOf<'task.failed'>, commands: Command[]): void {
    const { step, position, attempt, failure } = event;
    this.#firstFailure ??= { kind: 'failed', task: { step, position, attempt }, failure };
    this.#flow.fail(task, failure.kind === 'cancelled' ? 'cancelled' : 'failed');
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
    const tasks = [...this.#tasks.values()].filter(({ phase }) => phase === 'yielding').map(idOf);
    const reason = 'nothing starts any more that could take its items';
    if (tasks.length > 0) commands.push({ type: 'stop-tasks', reason, tasks });
  }

  #placeAgain(task: Task): void {
    task.placements += 1;
    task.phase = 'ready';
    this.#queue.push(task, this.#atMs);
  }

  #retry(event: FailedTask): void {
    const task = this.#tasks.get(taskPath(event));
    if (task?.phase !== 'waiting' || task.attempt !== event.attempt) return;
    this.#waiting -= 1;
    task.attempt += 1;
    task.placements = 0;
    task.phase = 'ready';
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
    const tasks = [...this.#tasks.values()].filter((task) => isInFlight(task)).map(idOf);
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
    for (const task of this.#tasksOf(entry)) {
      const id = idOf(task);
      this.#tasks.set(taskPath(id), task);
      if (!isClone(id, this)) {
        this.#queue.push(task, this.#atMs);
        continue;
      }
      task.phase = 'commanded';
      this.#inFlight += 1;
      this.#streams.launch(task);
      commands.push({ type: 'clone', ...id });
    }
  }

  *#tasksOf(entry: Task | OpenForeach): Generator<Task> {
    if (!('splitter' in entry)) return yield entry;
    while (entry.next < entry.size) yield this.#flow.enterItem(entry);
  }

  #launchReady(commands: Command[]): void {
    if (this.#stopped !== undefined) return;
    for (;;) {
      const admitted = this.#queue.next(this.#streams.minDepth);
      if (admitted === undefined) return;
      const { task, readyAtMs } = admitted;
      const id = idOf(task);
      task.phase = 'commanded';
      this.#tasks.set(taskPath(id), task);
      this.#inFlight += 1;
      this.#streams.launch(task);
      commands.push({ type: 'launch', ...id, ...(readyAtMs === undefined ? {} : { readyAtMs }) });
    }
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
    if (this.#stopped?.kind === 'cancel')
      return { kind: 'cancelled', reason: this.#stopped.reason };
    return this.#firstFailure ?? { kind: 'succeeded' };
  }

  #expect(event: FailedTask, from: Task['phase'], to: Task['phase']): void {
    const task = this.#task(event);
    if (task.phase !== from || task.attempt !== event.attempt) throw unexpectedAnswer(event, task);
    task.phase = to;
  }

  /** Takes an attempt out of flight. */
  #end(event: FailedTask): Task {
    const task = this.#task(event);
    if (!isInFlight(task) || task.attempt !== event.attempt) throw unexpectedAnswer(event, task);
    this.#tasks.delete(taskPath(event));
    if (task.phase === 'yielding') this.#streams.close(task);
    else this.#inFlight -= 1;
    this.#queue.release(task);
    return task;
  }

  #task(id: TaskId): Task {
    const task = this.#tasks.get(taskPath(id));
    if (task === undefined) throw new InternalError(`no task ${taskPath(id)} is under way`);
    return task;
  }
}
