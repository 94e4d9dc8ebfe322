import type { ArtifactChanges, ArtifactTable } from '../../src/model/artifact.ts';
import type {
  AfterFailure,
  EventDraft,
  FailedTask,
  FlowEvent,
  OnFailure,
} from '../../src/model/events.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { FlowGraph, GraphNode } from '../../src/model/graph.ts';
import { type RunId, type TaskId, type TaskPath, taskPath } from '../../src/model/ids.ts';
import { flatten } from '../../src/model/lineage.ts';
import type { TakenTransition } from '../../src/model/task.ts';
import { replayOrigin } from '../../src/runtime/resume/origin-run.ts';
import { type Rerun, ResumePlan } from '../../src/runtime/resume/resume-plan.ts';
import type { Command, RunOutcome, SchedulerEvent } from '../../src/runtime/scheduler/commands.ts';
import type { Capacity } from '../../src/runtime/scheduler/demand.ts';
import { Scheduler } from '../../src/runtime/scheduler/scheduler.ts';
import { chance } from './chance.ts';
import type { Oracle, Outcome, YieldedBefore } from './oracle.ts';
import {
  type Body,
  itemAt,
  keyAt,
  pageOf,
  refOf,
  simulatedItems,
  valueAt,
} from './simulated-values.ts';
import { exceeded } from './with-demands.ts';

export interface Scenario extends Capacity {
  readonly graph: FlowGraph;
  readonly oracle: Oracle;
  /** Decides what ends first, and which attempts fail before the one that counts. */
  readonly seed: number;
  readonly onFailure: OnFailure;
  /** Steps ask for what `withDemands` drew: what runs is then measured by their policies. */
  readonly hasDemands?: true;
  /** The chance that an attempt fails without consequence: it is tried again, or caught. */
  readonly flaky?: number;
  /** Someone stops the run after so many events. */
  readonly stopAfter?: number;
  /** The chance that a foreach goes over an async iterable. */
  readonly streaming?: number;
  /** What tasks leave; without it nothing. */
  readonly body?: Body;
  /** The process dies after so many events: what is in the journal is all there is. */
  readonly killAfter?: number;
  /** What the run takes results over from. */
  readonly origin?: Origin;
}

export interface Origin {
  readonly journal: readonly FlowEvent[];
  readonly graph: FlowGraph;
  readonly rerun: Rerun;
}

export interface SimulatedTask {
  readonly inputs: readonly TaskPath[];
  readonly fork?: TaskPath;
  /** The open foreaches around it, outermost first: `step:index`. */
  readonly frames: readonly string[];
  /** What it started with. */
  readonly start: ArtifactTable;
  readonly items: readonly (string | undefined)[];
  /** The keys of these items, where they have any. */
  readonly keys: readonly (string | undefined)[];
  /** What it leaves, if it ends well; or what the items of its open foreach start with. */
  readonly changes: ArtifactChanges;
  /** The sizes of the gangs around it, outermost first. */
  readonly gangs: readonly (number | undefined)[];
  readonly isClone: boolean;
  transition?: TakenTransition;
  end: 'none' | 'succeeds' | 'fails';
}

export interface History {
  readonly tasks: ReadonlyMap<TaskPath, SimulatedTask>;
  readonly launches: readonly string[];
  readonly outcome: RunOutcome | { readonly kind: 'killed' };
  readonly stopped: boolean;
  readonly journal: readonly FlowEvent[];
}

interface Open {
  readonly id: FailedTask;
  readonly path: TaskPath;
  state: 'commanded' | 'running' | 'yielding';
  /** While it yields: the items of its foreach, and how many more it was asked for. */
  items?: { readonly size: number; asked: number };
  isStopped?: true;
  /** All tasks of its gang; the first of them acts for all. */
  gang?: readonly Open[];
}

const EXIT: Failure = { kind: 'exit', code: 1 };
const CANCELLED: Failure = { kind: 'cancelled', reason: 'asked' };

/** Far more than any drawn flow takes: a run that never ends fails instead of hanging. */
const MAX_EVENTS = 20_000;

/** The loop around a scheduler, with dice in place of processes. Throws when a rule is broken. */
export function simulate(scenario: Scenario): History {
  return new Simulation(scenario).run();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #scheduler: Scheduler;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #tasks = new Map<TaskPath, SimulatedTask>();
  readonly #open: Open[] = [];
  readonly #timers: FailedTask[] = [];
  /** By tasks that yield: items so far, over all attempts. */
  readonly #yielded = new Map<TaskPath, number>();
  readonly #launches: string[] = [];
  readonly #plan: ResumePlan | undefined;
  readonly #journal: FlowEvent[] = [];
  readonly #pending: Command[] = [];
  #isPerforming = false;
  #outcome: History['outcome'] | undefined;
  #stopped = false;
  /** A failure has ended the run, save for what is in flight. */
  #broken = false;
  #events = 0;

  constructor(scenario: Scenario) {
    const { graph, origin } = scenario;
    this.#scenario = scenario;
    this.#plan = origin && planOf(graph, origin);
    const plan = this.#plan;
    this.#scheduler = new Scheduler(graph, {
      ...scenario,
      ...(plan && {
        isClone: (tasks, view) =>
          plan.decideTogether(tasks, view).every(({ kind }) => kind === 'clone'),
      }),
    });
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  }

  run(): History {
    this.#advance({ type: 'run.started' } as EventDraft);
    while (this.#outcome === undefined) this.#step();
    const [outcome, stopped] = [this.#outcome, this.#stopped];
    if (outcome.kind !== 'killed') {
      if (this.#open.length > 0) throw new Error('the run ended while tasks were in flight');
      for (const timer of this.#timers) this.#advance({ type: 'timer.fired', ...timer });
    }
    const [tasks, launches, journal] = [this.#tasks, this.#launches, this.#journal];
    return { tasks, launches, journal, outcome, stopped };
  }

  #step(): void {
    const { seed, stopAfter } = this.#scenario;
    if (this.#events === stopAfter && !this.#stopped) {
      this.#stopped = true;
      return this.#advance({ type: 'run.stopping', reason: 'SIGINT' });
    }
    const able = this.#open.filter((open) => !this.#isHeldBack(open));
    const waiting = able.length + this.#timers.length;
    if (waiting === 0) throw new Error('nothing can go on, and the run did not end');
    const n = Math.floor(chance(seed, `event ${this.#events}`) * waiting);
    const open = able[n];
    if (open !== undefined) return this.#proceed(open);
    const [timer] = this.#timers.splice(n - able.length, 1);
    this.#advance({ type: 'timer.fired', ...timer! });
  }

  /** It goes on only when it is asked; whether there is an item then, or the end, it finds out. */
  #isHeldBack(open: Open): boolean {
    if (open.gang !== undefined) return open.gang[0] !== open;
    return open.items?.asked === 0 && open.isStopped === undefined;
  }

  #proceed(open: Open): void {
    const { id, path } = open;
    if (open.state === 'commanded') {
      for (const one of open.gang ?? [open]) {
        one.state = 'running';
        this.#advance({ type: 'task.launched', ...one.id });
      }
      return;
    }
    const again = this.#stopped ? undefined : this.#flakes(path, id.attempt);
    if (open.gang !== undefined) return this.#endGang(open.gang, again);
    const outcome = this.#scenario.oracle(path, this.#nodes.get(id.step)!);
    if (again === undefined && open.isStopped === undefined && this.#stream(open, outcome)) return;
    this.#open.splice(this.#open.indexOf(open), 1);
    if (again !== undefined) return this.#fail(id, again);
    if (open.isStopped) return this.#endStopped(open);
    this.#end(open, outcome);
  }

  /** Opens the foreach, or yields more items. False: the task has nothing to yield (any more). */
  #stream(open: Open, outcome: Outcome): boolean {
    const { id, path } = open;
    const items = this.#itemsOf(path, outcome);
    if (items === undefined) return false;
    const sent = this.#yielded.get(path) ?? 0;
    if (this.#scheduler.yieldedBy(id)?.count !== (sent || undefined)) {
      throw new Error(`${path} is told of other items than it yielded`);
    }
    if (open.items === undefined) {
      open.state = 'yielding';
      open.items = { size: items.size, asked: 0 };
      const event = { type: 'foreach.opened', ...id, to: items.to } as const;
      this.#checkedAdvance({ ...event, changes: this.#tasks.get(path)!.changes });
      return true;
    }
    if (sent === items.size) return false;
    const most = Math.min(items.size - sent, open.items.asked);
    const luck = chance(this.#scenario.seed, `${path} yields at event ${this.#events}`);
    const count = 1 + Math.floor(luck * most);
    open.items.asked -= count;
    this.#yielded.set(path, sent + count);
    const values = Array.from({ length: count }, (_, n) => itemAt(items.pages, sent + n)!);
    const page = pageOf(sent, values);
    const digest = refOf(`${path} to ${sent + count}`).hash;
    this.#checkedAdvance({ type: 'foreach.yielded', ...id, page, digest });
    return true;
  }

  /** What a foreach over an async iterable yields before its end, or its failure. */
  #itemsOf(path: TaskPath, outcome: Outcome): YieldedBefore | undefined {
    if (outcome.kind !== 'succeeds') return outcome.yielded;
    const { seed, streaming = 0 } = this.#scenario;
    const isStream = chance(seed, `${path} streams`) < streaming;
    return isStream && outcome.transition.kind === 'foreach' ? outcome.transition : undefined;
  }

  /** It was held back for good: nothing starts any more that could take its items. */
  #endStopped({ id, path }: Open): void {
    this.#tasks.get(path)!.end = 'fails';
    this.#fail(id, { kind: 'give-up' }, 'cancelled');
  }

  #checkedAdvance(event: Parameters<Scheduler['checkStream']>[0]): void {
    const refused = this.#scheduler.checkStream(event);
    if (refused !== undefined) throw new Error(refused);
    this.#advance(event);
  }

  #end({ id, path }: Open, outcome: Outcome): void {
    const task = this.#tasks.get(path)!;
    task.end = outcome.kind === 'succeeds' ? 'succeeds' : 'fails';
    if (outcome.kind !== 'succeeds') {
      const kind = outcome.kind === 'fails' ? 'exit' : 'cancelled';
      return this.#fail(id, { kind: 'give-up' }, kind);
    }
    const refused = this.#scheduler.checkTransition(id, outcome.transition);
    if (refused !== undefined) throw new Error(refused.message);
    const { changes } = task;
    const { transition } = outcome;
    task.transition = transition;
    const { seed, flaky = 0 } = this.#scenario;
    if (chance(seed, `${path} is caught`) < flaky / 2) {
      return this.#fail(id, { kind: 'catch', changes, transition });
    }
    this.#advance({ type: 'task.succeeded', ...id, changes, transition });
  }

  /** The outcome of the first that does not succeed is that of all. */
  #endGang(gang: readonly Open[], again: AfterFailure | undefined): void {
    const { step, attempt, position: failed } = gang[0]!.id;
    const node = this.#nodes.get(step)!;
    const outcomes = gang.map(({ path }) => this.#scenario.oracle(path, node));
    const broken = outcomes.find(({ kind }) => kind !== 'succeeds')?.kind;
    for (const open of gang) {
      this.#open.splice(this.#open.indexOf(open), 1);
      if (again !== undefined) continue;
      this.#tasks.get(open.path)!.end = broken === undefined ? 'succeeds' : 'fails';
    }
    if (again === undefined && broken === undefined) {
      const members = gang.map((open, n) => this.#resultOf(open, outcomes[n]!));
      return this.#advance({ type: 'gang.succeeded', step, attempt, members });
    }
    const after = again ?? { kind: 'give-up' };
    if (after.kind === 'give-up' && this.#scenario.onFailure !== 'continue') this.#broken = true;
    const isCancelled = again === undefined && broken === 'is-cancelled';
    const failure = isCancelled ? CANCELLED : EXIT;
    const members = gang.map(({ id: { position } }) => ({ position, failure, changes: {} }));
    const event = { step, attempt, failed, failure, members } as const;
    // oxlint-disable-next-line unicorn/no-thenable -- the event's own word; nobody awaits it
    this.#advance({ type: 'gang.failed', ...event, then: after });
  }

  #resultOf({ id, path }: Open, outcome: Outcome) {
    if (outcome.kind !== 'succeeds') throw new Error(`${path} did not succeed`);
    const { transition } = outcome;
    const refused = this.#scheduler.checkTransition(id, transition);
    if (refused !== undefined) throw new Error(refused.message);
    const task = this.#tasks.get(path)!;
    task.transition = transition;
    return { position: id.position, changes: task.changes, transition };
  }

  /** An attempt that does not count: tried again after a delay, or placed again. */
  #flakes(path: TaskPath, attempt: number): AfterFailure | undefined {
    const { seed, flaky = 0 } = this.#scenario;
    const luck = chance(seed, `${path} attempt ${attempt} of event ${this.#events}`);
    if (attempt > 2 || luck >= flaky) return undefined;
    return luck < flaky / 2 ? { kind: 'retry', delayMs: 5 } : { kind: 'replace' };
  }

  #fail(id: FailedTask, then: AfterFailure, kind: 'exit' | 'cancelled' = 'exit'): void {
    const failure = kind === 'exit' ? EXIT : CANCELLED;
    if (then.kind === 'give-up' && this.#scenario.onFailure !== 'continue') this.#broken = true;
    // oxlint-disable-next-line unicorn/no-thenable -- the event's own word; nobody awaits it
    this.#advance({ type: 'task.failed', ...id, failure, changes: {}, then });
  }

  #advance(event: SchedulerEvent): void {
    if (this.#outcome?.kind === 'killed') return;
    this.#events += 1;
    if (this.#events > MAX_EVENTS) throw new Error('the run does not end');
    if (event.type !== 'timer.fired') this.#write(event);
    this.#pending.push(...this.#scheduler.advance(event));
    if (this.#events === this.#scenario.killAfter) this.#outcome = { kind: 'killed' };
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    // A list rather than recursion: clones follow from clones.
    for (const command of this.#pending) {
      if (this.#outcome?.kind !== 'killed') this.#perform(command);
    }
    this.#pending.length = 0;
    this.#isPerforming = false;
  }

  #write(event: EventDraft): void {
    const seq = this.#journal.length + 1;
    this.#journal.push({ v: 1, seq, at: seq, run: RUN, ...event });
  }

  #perform(command: Command): void {
    if (this.#outcome !== undefined) throw new Error(`${command.type} after the end`);
    if (command.type === 'finish') this.#outcome = command.outcome;
    if (command.type === 'wait') {
      const { step, position, attempt } = command;
      this.#timers.push({ step, position, attempt });
    }
    if (command.type === 'launch') this.#launch(command);
    if (command.type === 'clone') this.#clone(command);
    if (command.type === 'launch-gang') {
      const gang = command.members.map((member) => this.#launch(member));
      for (const open of gang) open.gang = gang;
    }
    if (command.type === 'pull') this.#find(command).items!.asked += command.count;
    if (command.type === 'stop-tasks') {
      const open = command.tasks.map((task) => this.#find(task));
      for (const one of open) if (one.state === 'yielding') one.isStopped = true;
    }
  }

  #find(task: TaskId): Open {
    const open = this.#open.find(({ path }) => path === taskPath(task));
    if (open === undefined) throw new Error(`${taskPath(task)} is not in flight`);
    return open;
  }

  #clone({ step, position, attempt }: FailedTask): void {
    const path = taskPath({ step, position });
    const { result, ranIn: origin, ranAt } = this.#plan!.originOf({ step, position })!;
    const place = ranAt === position ? { origin } : { origin, originPosition: ranAt };
    if (this.#tasks.has(path)) throw new Error(`${path} exists twice`);
    const task = this.#describe({ step, position, attempt });
    this.#tasks.set(path, { ...task, ...result, isClone: true, end: 'succeeds' });
    this.#advance({ type: 'task.cloned', step, position, attempt, ...place, ...result });
  }

  #launch({ step, position, attempt }: FailedTask): Open {
    if (this.#stopped || this.#broken) {
      throw new Error(`${step}/${position} starts in a run that stops`);
    }
    const id = { step, position, attempt };
    const path = taskPath(id);
    if (this.#open.some((open) => open.path === path)) throw new Error(`${path} runs twice`);
    if (this.#tasks.get(path) === undefined) this.#tasks.set(path, this.#describe(id));
    else if (this.#tasks.get(path)!.end !== 'none') throw new Error(`${path} exists twice`);
    this.#launches.push(`${path}#${attempt}`);
    const open: Open = { id, path, state: 'commanded' };
    this.#open.push(open);
    this.#checkLimits();
    return open;
  }

  #checkLimits(): void {
    const { maxWorkers, hasDemands } = this.#scenario;
    const [yielding, working] = [this.#open.filter(isYielding), this.#open.filter(isWorking)];
    const nodes = working.map((open) => this.#nodes.get(open.id.step)!);
    const depth = Math.max(...nodes.map(({ levels }) => levels.length));
    // Those that were at work when the last slot for yielding was taken may yield too, at each depth.
    const bound = maxWorkers * (depth + 2);
    if (yielding.length > bound) throw new Error(`${yielding.length} tasks yield at a time`);
    const over = hasDemands === true ? exceeded(nodes) : undefined;
    if (over !== undefined) throw new Error(`more than there is of ${over}`);
    if (hasDemands !== true && nodes.length > maxWorkers)
      throw new Error(`more than ${maxWorkers} tasks are in flight`);
  }

  #describe(id: FailedTask): SimulatedTask {
    const inputs = this.#scheduler.inputsOf(id).map((input) => taskPath(input));
    for (const input of inputs) {
      const isThere = this.#yielded.has(input) || this.#tasks.get(input)?.end === 'succeeds';
      if (!isThere) throw new Error(`${input} is not over yet`);
    }
    const start = flatten(this.#scheduler.startOf(id));
    const around = this.#scheduler.framesOf(id);
    const frames = around.map(({ step, index }) => `${step}:${index}`);
    const items = around.map(({ pages, index }) => valueAt(pages, index));
    const keys = around.map(({ pages, index }) => keyAt(pages, index));
    const isJoin = this.#nodes.get(id.step)!.takes === 'inputs';
    const join = isJoin ? this.#scheduler.joinOf(id) : undefined;
    const input = {
      path: taskPath(id),
      step: id.step,
      start,
      items,
      ...(join && { inputs: join.changedPerInput }),
    };
    const changes = this.#scenario.body?.(input) ?? {};
    const task: SimulatedTask = {
      inputs,
      frames,
      start,
      items,
      keys,
      changes,
      gangs: around.filter(({ kind }) => kind === 'gang').map(({ size }) => size),
      isClone: false,
      end: 'none',
    };
    return join === undefined ? task : { ...task, fork: taskPath(join.fork) };
  }
}

const RUN = '1aaaaaaaaaaaa' as RunId;

function planOf(graph: FlowGraph, { journal, rerun, ...before }: Origin): ResumePlan {
  return new ResumePlan({
    origin: replayOrigin(journal, before.graph),
    graph,
    rerun,
    items: simulatedItems,
  });
}

function isYielding({ state }: Open): boolean {
  return state === 'yielding';
}

function isWorking(open: Open): boolean {
  return !isYielding(open);
}
