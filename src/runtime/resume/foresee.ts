import type { FailedTask } from '../../model/events.ts';
import type { FlowGraph, GraphTransition } from '../../model/graph.ts';
import { type TaskId, type TaskPath, taskPath } from '../../model/ids.ts';
import type { TaskResult } from '../../model/task.ts';
import { type Command, launchedBy } from '../scheduler/commands.ts';
import { Scheduler, type SchedulerOptions } from '../scheduler/scheduler.ts';
import { OpenChoices } from './open-choices.ts';
import type { OriginTask } from './origin-run.ts';
import type { Decision, ResumePlan, RunReason } from './resume-plan.ts';

/**
 * `depends`: taken over if what runs above it leaves what it left before. `gone`: a task of the origin
 * that the flow as it is now would not make.
 */
export type Fate = 'clone' | 'run' | 'gone' | 'depends';

export interface Foreseen {
  readonly task: TaskPath;
  readonly fate: Fate;
  readonly why: string;
}

/** Of the options of a run, what decides which results are still possible. */
export type Limits = Pick<SchedulerOptions, 'maxIterations'>;

const UNLIMITED = {
  maxWorkers: Number.POSITIVE_INFINITY,
  admitsAll: true,
  onFailure: 'continue',
} as const;

/** What a resume would do with every task, as far as that is known before anything runs. */
export function foresee(
  plan: ResumePlan,
  graph: FlowGraph,
  limits: Limits = {},
): readonly Foreseen[] {
  const foresight = new Foresight(plan, graph, limits);
  foresight.look();
  return foresight.tasks;
}

class Foresight {
  readonly tasks: Foreseen[] = [];
  readonly #plan: ResumePlan;
  readonly #graph: FlowGraph;
  readonly #scheduler: Scheduler;
  readonly #seen = new Set<TaskPath>();
  /** Tasks of which it is not known yet what they will leave. */
  readonly #open = new Set<TaskPath>();
  readonly #choices: OpenChoices;
  /** One whose way on is not known either. */
  #stalled: TaskPath | undefined;

  constructor(plan: ResumePlan, graph: FlowGraph, limits: Limits) {
    this.#plan = plan;
    this.#graph = graph;
    this.#choices = new OpenChoices(graph);
    this.#scheduler = new Scheduler(graph, { ...limits, ...UNLIMITED });
  }

  look(): void {
    const commands = this.#scheduler.advance(this.#plan.origin.started);
    for (const command of commands) {
      const launched = launchedBy(command);
      const decisions = this.#plan.decideTogether(launched, this.#scheduler);
      const isOpen = decisions.every(isUndecided);
      const foreseen = launched.map((task, n) => this.#judge(task, decisions[n], isOpen));
      this.tasks.push(...foreseen);
      for (const [n, { task, fate }] of foreseen.entries()) {
        this.#seen.add(task);
        if (fate === 'clone') continue;
        this.#open.add(task);
        if (launched[n] !== undefined) this.#choices.add(launched[n]);
      }
      commands.push(...this.#goOn(launched));
    }
    for (const task of this.#plan.origin.tasks.values()) this.#judgeUnseen(task);
  }

  /** What follows once these tasks, which start as one, have ended. */
  #goOn(launched: readonly FailedTask[]): readonly Command[] {
    const results = launched.map((task) => this.#assume(task));
    const unsure = launched.find((_task, n) => results[n] === undefined);
    if (unsure !== undefined) {
      this.#stalled ??= taskPath(unsure);
      return [];
    }
    const origin = this.#plan.origin.run;
    return launched.flatMap(({ step, position, attempt }, n) => {
      const result = results[n];
      if (result === undefined) return [];
      const answer = { type: 'task.cloned', step, position, attempt, origin, ...result } as const;
      return this.#scheduler.advance(answer);
    });
  }

  /** `isOpen`: of what starts as one with it, nothing is sure to run. */
  #judge(task: TaskId, decision: Decision | undefined, isOpen: boolean): Foreseen {
    const path = taskPath(task);
    const above = this.#openAbove(task);
    if (above !== undefined && isOpen) {
      return { task: path, fate: 'depends', why: `on what ${above} leaves` };
    }
    const choice = isOpen ? this.#choices.above(task) : undefined;
    if (choice !== undefined) {
      return { task: path, fate: 'depends', why: `on where ${taskPath(choice)} leads` };
    }
    return decision === undefined || decision.kind === 'clone'
      ? { task: path, fate: 'clone', why: 'it ended well, and nothing above it changed' }
      : { task: path, fate: 'run', why: tell(decision.reason) };
  }

  #openAbove(task: TaskId): TaskPath | undefined {
    if (this.#open.size === 0) return undefined;
    return this.#plan
      .above(task, this.#scheduler)
      .map(taskPath)
      .find((path) => this.#open.has(path));
  }

  /** That it does again what it did, else what its text leaves no choice about. */
  #assume(task: TaskId): TaskResult | undefined {
    const result = this.#plan.originOf(task)?.result;
    if (result !== undefined) {
      const illegal = this.#scheduler.checkTransition(task, result.transition);
      if (illegal === undefined) return result;
    }
    return onlyResult(this.#graph.nodes.find(({ name }) => name === task.step)?.transition);
  }

  #judgeUnseen(task: OriginTask): void {
    const path = taskPath(task);
    if (this.#seen.has(path)) return;
    const isThere = this.#graph.nodes.some(({ name }) => name === task.step);
    const choice = isThere ? this.#choices.above(task) : undefined;
    if (choice !== undefined && this.#stalled === undefined) {
      this.tasks.push({ task: path, fate: 'depends', why: `on where ${taskPath(choice)} leads` });
      return;
    }
    if (isThere && this.#stalled !== undefined) {
      const isKeyed = task.inputs.frames.some(({ pages }) => pages[0]?.keyed === true);
      const found = isKeyed ? ' (its item is found by its key)' : '';
      const why = `on where ${this.#stalled} leads${found}`;
      this.tasks.push({ task: path, fate: 'depends', why });
      return;
    }
    const why = isThere
      ? 'nothing leads there any more'
      : `the flow has no step ${task.step} any more`;
    this.tasks.push({ task: path, fate: 'gone', why });
  }
}

function isUndecided(decision: Decision | undefined): boolean {
  if (decision?.kind !== 'run') return true;
  return decision.reason.kind === 'inputs-changed' || decision.reason.kind === 'together';
}

function onlyResult(transition: GraphTransition | undefined): TaskResult | undefined {
  if (transition?.kind === 'end') return { changes: {}, transition: { kind: 'end' } };
  if (transition?.kind !== 'next') return undefined;
  return { changes: {}, transition: { kind: 'next', to: transition.to } };
}

function tell(reason: RunReason): string {
  switch (reason.kind) {
    case 'asked':
      return 'it was asked to run again';
    case 'below':
      return 'it follows from a task that was asked to run again';
    case 'new':
      return 'it did not run in the origin';
    case 'new-item':
      return 'no item of the origin has its key';
    case 'unfinished':
      return reason.how === 'failed'
        ? 'it failed in the origin'
        : `it was ${reason.how} in the origin`;
    case 'step-changed':
      return 'the step now takes something else, or lies elsewhere';
    case 'transition-illegal':
      return reason.message;
    case 'inputs-changed':
      return 'its inputs are not what they were';
    case 'together':
      return `${reason.with}, a task of the same gang, runs again`;
  }
}
