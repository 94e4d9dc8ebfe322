import type { FlowGraph, GraphNode } from '../../model/graph.ts';
import {
  type Position,
  parseTaskPath,
  type TaskId,
  type TaskPath,
  taskPath,
} from '../../model/ids.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { Counterparts, type KeysOf } from './counterparts.ts';
import type { OriginRun, OriginTask } from './origin-run.ts';
import { readInputs } from './read-inputs.ts';
import { InputComparison, type Sameness } from './same-inputs.ts';

/** What was asked to run again, with everything that follows from it. */
export interface Rerun {
  readonly steps: ReadonlySet<string>;
  /** As the origin names them. */
  readonly tasks: ReadonlySet<TaskPath>;
}

export type Decision =
  | { readonly kind: 'clone'; readonly from: OriginTask }
  | { readonly kind: 'run'; readonly reason: RunReason };

/** Why a task is not taken over. */
export type RunReason =
  | { readonly kind: 'asked' }
  /** It follows from one that was asked to run again. */
  | { readonly kind: 'below' }
  | { readonly kind: 'new' }
  /** No item of the origin has the key of its item. */
  | { readonly kind: 'new-item' }
  | { readonly kind: 'unfinished'; readonly how: 'failed' | 'cancelled' | 'cut short' }
  /** The step now takes something else, or lies in other foreaches or loops. */
  | { readonly kind: 'step-changed' }
  | { readonly kind: 'transition-illegal'; readonly message: string }
  | { readonly kind: 'inputs-changed' }
  /** A gang is taken over as a whole, and that task of it is not. */
  | { readonly kind: 'together'; readonly with: TaskPath };

export interface PlanRequest {
  readonly origin: OriginRun;
  /** Of the flow as it is now. */
  readonly graph: FlowGraph;
  readonly rerun: Rerun;
  readonly items: { readonly isSame: Sameness['isSameItem']; readonly keysOf: KeysOf };
}

/**
 * Which tasks of a run are taken over from its origin. It looks only at the origin's journal, the new
 * graph, and what the new run's tasks start with, so it says the same whenever it is asked the same.
 */
export class ResumePlan {
  readonly origin: OriginRun;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #rerun: Rerun;
  readonly #counterparts: Counterparts;
  readonly #comparison: InputComparison;
  /** Tasks that were asked to run again, and those that follow from them. */
  readonly #forced = new Set<TaskPath>();

  constructor({ origin, graph, rerun, items }: PlanRequest) {
    this.origin = origin;
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
    this.#rerun = rerun;
    const counterparts = new Counterparts(origin, this.#nodes, items.keysOf);
    this.#counterparts = counterparts;
    this.#comparison = new InputComparison({
      isSameItem: items.isSame,
      isSameTask: (task, other) => counterparts.isSame(task, other),
    });
  }

  /** For a task that the scheduler holds ready. Ask about inputs before what follows from them. */
  decide(task: TaskId, scheduler: Scheduler): Decision {
    const before = this.#counterparts.find(task, scheduler);
    const forced = this.#whyForced(task, { before, scheduler });
    if (forced !== undefined) {
      this.#forced.add(taskPath(task));
      return { kind: 'run', reason: forced };
    }
    if (before === undefined) return { kind: 'run', reason: { kind: 'new-item' } };
    const from = this.origin.tasks.get(before);
    const reason = from === undefined ? this.#whyNone(before) : this.#whyNot(task, from, scheduler);
    if (from === undefined || reason !== undefined) {
      return { kind: 'run', reason: reason ?? { kind: 'new' } };
    }
    return { kind: 'clone', from };
  }

  /** Where the task of the origin stood that a task, once it was asked about, stands for. */
  elsewhere(task: TaskId): { readonly originPosition?: Position | null } {
    const path = this.#counterparts.of(task);
    if (path === undefined) return { originPosition: null };
    return path === taskPath(task) ? {} : { originPosition: parseTaskPath(path).position };
  }

  /** What that task left, if it ended well. */
  originOf(task: TaskId): OriginTask | undefined {
    const path = this.#counterparts.of(task);
    return path === undefined ? undefined : this.origin.tasks.get(path);
  }

  /** For tasks that start as one (a gang, or a task alone): all are taken over, or all run. */
  decideTogether(tasks: readonly TaskId[], scheduler: Scheduler): readonly Decision[] {
    const decisions = tasks.map((task) => this.decide(task, scheduler));
    const paths = tasks.map(taskPath);
    // What was asked of one of them, all of them do.
    if (paths.some((path) => this.#forced.has(path))) {
      for (const path of paths) this.#forced.add(path);
    }
    const cause = paths.find((_path, n) => decisions[n]?.kind === 'run');
    if (cause === undefined) return decisions;
    const reason = { kind: 'together', with: cause } as const;
    return decisions.map((one) => (one.kind === 'run' ? one : { kind: 'run', reason }));
  }

  /** The tasks that it follows from. */
  above(task: TaskId, scheduler: Scheduler): readonly TaskId[] {
    const inputs = scheduler.inputsOf(task);
    if (this.#nodes.get(task.step)?.takes !== 'inputs') return inputs;
    // A join without inputs follows from its fork alone.
    return inputs.length > 0 ? inputs : [scheduler.joinOf(task).fork];
  }

  #whyForced(
    task: TaskId,
    { before, scheduler }: { readonly before: TaskPath | undefined; readonly scheduler: Scheduler },
  ): RunReason | undefined {
    const { steps, tasks } = this.#rerun;
    const isAsked = steps.has(task.step) || (before !== undefined && tasks.has(before));
    if (isAsked) return { kind: 'asked' };
    if (this.#forced.size === 0) return undefined;
    const isBelow = this.above(task, scheduler).some((one) => this.#forced.has(taskPath(one)));
    return isBelow ? { kind: 'below' } : undefined;
  }

  #whyNone(path: TaskPath): RunReason {
    const how = this.origin.unfinished.get(path);
    return how === undefined ? { kind: 'new' } : { kind: 'unfinished', how };
  }

  #whyNot(task: TaskId, from: OriginTask, scheduler: Scheduler): RunReason | undefined {
    const node = this.#nodes.get(from.step);
    if (node === undefined || !isSameStep(node, from.node)) return { kind: 'step-changed' };
    const refused = scheduler.checkTransition(task, from.result.transition);
    if (refused !== undefined) return { kind: 'transition-illegal', message: refused.message };
    const inputs = readInputs(scheduler, task, node);
    return this.#comparison.isSame(inputs, from.inputs) ? undefined : { kind: 'inputs-changed' };
  }
}

/** A position means the same only at the same depth, in the same kinds of levels. */
function isSameStep(a: GraphNode, b: GraphNode): boolean {
  return (
    a.takes === b.takes &&
    a.levels.length === b.levels.length &&
    a.levels.every((level, n) => level.kind === b.levels[n]?.kind)
  );
}
