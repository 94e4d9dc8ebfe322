import type { ArtifactRef } from '../../src/model/artifact.ts';
import type { AfterFailure, EventDraft, FailedTask, OnFailure } from '../../src/model/events.ts';
import type { FlowGraph, GraphNode } from '../../src/model/graph.ts';
import { type Hash, type TaskPath, taskPath } from '../../src/model/ids.ts';
import { flatten } from '../../src/model/lineage.ts';
import type { Command, RunOutcome } from '../../src/runtime/scheduler/commands.ts';
import type { Capacity } from '../../src/runtime/scheduler/demand.ts';
import { Scheduler } from '../../src/runtime/scheduler/scheduler.ts';
import { chance } from './chance.ts';
import type { Oracle } from './oracle.ts';
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
  /** False: no task sets a field, so scopes say nothing. */
  readonly fields?: boolean;
}

export interface SimulatedTask {
  readonly inputs: readonly TaskPath[];
  readonly fork?: TaskPath;
  /** The open foreaches around it, outermost first: `step:index`. */
  readonly frames: readonly string[];
  /** The fields it could see when it was first launched: each task sets one, named by its path. */
  readonly sees: readonly string[];
  end: 'none' | 'succeeds' | 'fails';
}

export interface History {
  readonly tasks: ReadonlyMap<TaskPath, SimulatedTask>;
  readonly launches: readonly string[];
  readonly outcome: RunOutcome;
  readonly stopped: boolean;
}

type Open = { readonly id: FailedTask; readonly path: TaskPath; state: 'commanded' | 'running' };

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
  readonly #launches: string[] = [];
  #outcome: RunOutcome | undefined;
  #stopped = false;
  /** A failure has ended the run, save for what is in flight. */
  #broken = false;
  #events = 0;

  constructor(scenario: Scenario) {
    const { graph } = scenario;
    this.#scenario = scenario;
    this.#scheduler = new Scheduler(graph, scenario);
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  }

  run(): History {
    this.#advance({ type: 'run.started' } as EventDraft);
    while (this.#outcome === undefined) this.#step();
    if (this.#open.length > 0) throw new Error('the run ended while tasks were in flight');
    for (const timer of this.#timers) this.#advance({ type: 'timer.fired', ...timer });
    const stopped = this.#stopped;
    return { tasks: this.#tasks, launches: this.#launches, outcome: this.#outcome, stopped };
  }

  #step(): void {
    const { seed, stopAfter } = this.#scenario;
    if (this.#events === stopAfter && !this.#stopped) {
      this.#stopped = true;
      return this.#advance({ type: 'run.stopping', reason: 'SIGINT' });
    }
    const waiting = this.#open.length + this.#timers.length;
    if (waiting === 0) throw new Error('nothing is in flight, and the run did not end');
    const n = Math.floor(chance(seed, `event ${this.#events}`) * waiting);
    const open = this.#open[n];
    if (open !== undefined) return this.#proceed(open);
    const [timer] = this.#timers.splice(n - this.#open.length, 1);
    this.#advance({ type: 'timer.fired', ...timer! });
  }

  #proceed(open: Open): void {
    const { id, path } = open;
    if (open.state === 'commanded') {
      open.state = 'running';
      return this.#advance({ type: 'task.launched', ...id });
    }
    this.#open.splice(this.#open.indexOf(open), 1);
    const again = this.#stopped ? undefined : this.#flakes(path, id.attempt);
    if (again !== undefined) return this.#fail(id, again);
    const outcome = this.#scenario.oracle(path, this.#nodes.get(id.step)!);
    const task = this.#tasks.get(path)!;
    task.end = outcome.kind === 'succeeds' ? 'succeeds' : 'fails';
    if (outcome.kind !== 'succeeds') {
      const kind = outcome.kind === 'fails' ? 'exit' : 'cancelled';
      return this.#fail(id, { kind: 'give-up' }, kind);
    }
    const refused = this.#scheduler.checkTransition(id, outcome.transition);
    if (refused !== undefined) throw new Error(refused.message);
    const changes = this.#scenario.fields === true ? { [path]: refOf(path) } : {};
    const { transition } = outcome;
    const { seed, flaky = 0 } = this.#scenario;
    if (chance(seed, `${path} is caught`) < flaky / 2) {
      return this.#fail(id, { kind: 'catch', changes, transition });
    }
    this.#advance({ type: 'task.succeeded', ...id, changes, transition });
  }

  /** An attempt that does not count: tried again after a delay, or placed again. */
  #flakes(path: TaskPath, attempt: number): AfterFailure | undefined {
    const { seed, flaky = 0 } = this.#scenario;
    const luck = chance(seed, `${path} attempt ${attempt} of event ${this.#events}`);
    if (attempt > 2 || luck >= flaky) return undefined;
    return luck < flaky / 2 ? { kind: 'retry', delayMs: 5 } : { kind: 'replace' };
  }

  #fail(id: FailedTask, then: AfterFailure, kind: 'exit' | 'cancelled' = 'exit'): void {
    const failure =
      kind === 'exit' ? ({ kind, code: 1 } as const) : ({ kind, reason: 'asked' } as const);
    if (then.kind === 'give-up' && this.#scenario.onFailure !== 'continue') this.#broken = true;
    // oxlint-disable-next-line unicorn/no-thenable -- the event's own word; nobody awaits it
    this.#advance({ type: 'task.failed', ...id, failure, changes: {}, then });
  }

  #advance(event: Parameters<Scheduler['advance']>[0]): void {
    this.#events += 1;
    if (this.#events > MAX_EVENTS) throw new Error('the run does not end');
    for (const command of this.#scheduler.advance(event)) this.#perform(command);
  }

  #perform(command: Command): void {
    if (this.#outcome !== undefined) throw new Error(`${command.type} after the end`);
    if (command.type === 'finish') this.#outcome = command.outcome;
    if (command.type === 'wait') {
      const { step, position, attempt } = command;
      this.#timers.push({ step, position, attempt });
    }
    if (command.type === 'launch') this.#launch(command);
  }

  #launch({ step, position, attempt }: FailedTask): void {
    if (this.#stopped || this.#broken) {
      throw new Error(`${step}/${position} starts in a run that stops`);
    }
    const id = { step, position, attempt };
    const path = taskPath(id);
    if (this.#open.some((open) => open.path === path)) throw new Error(`${path} runs twice`);
    if (this.#tasks.get(path) === undefined) this.#tasks.set(path, this.#describe(id));
    else if (this.#tasks.get(path)!.end !== 'none') throw new Error(`${path} exists twice`);
    this.#launches.push(`${path}#${attempt}`);
    this.#open.push({ id, path, state: 'commanded' });
    this.#checkLimits();
  }

  #checkLimits(): void {
    const { maxWorkers, hasDemands } = this.#scenario;
    const nodes = this.#open.map((open) => this.#nodes.get(open.id.step)!);
    const over = hasDemands === true ? exceeded(nodes) : undefined;
    if (over !== undefined) throw new Error(`more than there is of ${over}`);
    if (hasDemands !== true && nodes.length > maxWorkers)
      throw new Error(`more than ${maxWorkers} tasks are in flight`);
  }

  #describe(id: FailedTask): SimulatedTask {
    const inputs = this.#scheduler.inputsOf(id).map((input) => taskPath(input));
    for (const input of inputs) {
      if (this.#tasks.get(input)?.end !== 'succeeds') throw new Error(`${input} is not over yet`);
    }
    const sees = Object.keys(flatten(this.#scheduler.startOf(id)));
    const frames = this.#scheduler.framesOf(id).map(({ step, index }) => `${step}:${index}`);
    const task: SimulatedTask = { inputs, frames, sees, end: 'none' };
    if (this.#nodes.get(id.step)!.takes !== 'inputs') return task;
    return { ...task, fork: taskPath(this.#scheduler.joinOf(id).fork) };
  }
}

function refOf(path: TaskPath): ArtifactRef {
  return { hash: path as string as Hash, size: 1, encoding: 'cbor' };
}
