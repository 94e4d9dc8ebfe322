import type { FlowGraph, GraphTransition } from '../../model/graph.ts';
import { type TaskId, type TaskPath, taskPath } from '../../model/ids.ts';
import type { TaskResult } from '../../model/task.ts';
import { Scheduler, type SchedulerOptions } from '../scheduler/scheduler.ts';
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
  /** One whose way on is not known either. */
  #stalled: TaskPath | undefined;

  constructor(plan: ResumePlan, graph: FlowGraph, limits: Limits) {
    this.#plan = plan;
    this.#graph = graph;
    this.#scheduler = new Scheduler(graph, { ...limits, ...UNLIMITED });
  }

  look(): void {
    const commands = this.#scheduler.advance(this.#plan.origin.started);
    for (const command of commands) {
      if (command.type !== 'launch') continue;
      const { step, position, attempt } = command;
      const path = taskPath(command);
      this.#seen.add(path);
      const foreseen = this.#judge(command, path);
      this.tasks.push(foreseen);
      if (foreseen.fate !== 'clone') this.#open.add(path);
      const result = this.#assume(command);
      if (result === undefined) {
        this.#stalled ??= path;
        continue;
      }
      const origin = this.#plan.origin.run;
      const answer = { type: 'task.cloned', step, position, attempt, origin, ...result } as const;
      for (const next of this.#scheduler.advance(answer)) commands.push(next);
    }
    for (const task of this.#plan.origin.tasks.values()) this.#judgeUnseen(task);
  }

  #judge(task: TaskId, path: TaskPath): Foreseen {
    const decision = this.#plan.decide(task, this.#scheduler);
    const above = this.#openAbove(task);
    if (above !== undefined && isUndecided(decision)) {
      return { task: path, fate: 'depends', why: `on what ${above} leaves` };
    }
    return decision.kind === 'clone'
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
    const result = this.#plan.origin.tasks.get(taskPath(task))?.result;
    if (result !== undefined) {
      const illegal = this.#scheduler.checkTransition(task, result.transition);
      if (illegal === undefined) return result;
    }
    return onlyResult(this.#graph.nodes.find(({ name }) => name === task.step)?.transition);
  }

  #judgeUnseen(task: TaskId): void {
    const path = taskPath(task);
    if (this.#seen.has(path)) return;
    const isThere = this.#graph.nodes.some(({ name }) => name === task.step);
    if (isThere && this.#stalled !== undefined) {
      this.tasks.push({ task: path, fate: 'depends', why: `on where ${this.#stalled} leads` });
      return;
    }
    const why = isThere
      ? 'nothing leads there any more'
      : `the flow has no step ${task.step} any more`;
    this.tasks.push({ task: path, fate: 'gone', why });
  }
}

function isUndecided(decision: Decision): boolean {
  return decision.kind === 'clone' || decision.reason.kind === 'inputs-changed';
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
  }
}
