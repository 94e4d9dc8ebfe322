import type { ArtifactChanges, ArtifactRef } from './artifact.ts';
import { InternalError } from './errors.ts';
import type { FlowGraph, GraphEdge, GraphLevel, GraphNode } from './graph.ts';
import {
  formatPosition,
  type Level,
  parsePosition,
  type TaskId,
  type TaskPath,
  taskPath,
} from './ids.ts';
import { type ArtifactScope, EMPTY_SCOPE, extendScope, joinScope } from './lineage.ts';
import type { TakenTransition } from './task.ts';

/** What is recorded of the tasks of a run. Undefined: there is no such task, or it has not ended well. */
export interface TaskRecords {
  changesOf(task: TaskId): ArtifactChanges | undefined;
  transitionOf(task: TaskId): TakenTransition | undefined;
  /** Where it is known from before, a join's inputs need not be looked at. */
  droppedAt?(join: TaskId): readonly string[] | undefined;
}

/**
 * The artifacts of any task of a run, from records that name only changes. Inputs are recorded
 * nowhere: they follow from the graph, the position, and the transitions that were taken.
 */
export class RunLineage {
  readonly #records: TaskRecords;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #inEdges: ReadonlyMap<string, readonly GraphEdge[]>;
  /** A fork's scope must be one object for all who descend from it. */
  readonly #scopes = new Map<TaskPath, ArtifactScope>();

  constructor(graph: FlowGraph, records: TaskRecords) {
    this.#records = records;
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
    this.#inEdges = groupByTarget(graph.edges);
  }

  /** What the task left: what it started with and its own changes over it. */
  scopeOf(task: TaskId): ArtifactScope {
    const path = taskPath(task);
    let scope = this.#scopes.get(path);
    if (scope === undefined) {
      scope = extendScope(this.startOf(task), this.#records.changesOf(task) ?? {});
      this.#scopes.set(path, scope);
    }
    return scope;
  }

  /** What the task started with. */
  startOf(task: TaskId): ArtifactScope {
    const node = this.#node(task.step);
    if (node.takes === 'inputs') return this.#startOfJoin(task);
    const [input] = this.inputsOf(task);
    return input === undefined ? EMPTY_SCOPE : this.scopeOf(input);
  }

  /**
   * The tasks whose tokens made it fire: of a join that closes a foreach by index, else by in-edge in
   * declaration order.
   */
  inputsOf(task: TaskId): TaskId[] {
    const sources = this.sourcesOf(task).filter((source) => this.isLedTo(task, source));
    const { joins, levels } = this.#node(task.step);
    if (joins !== 'frame') return sources;
    return sources.toSorted((a, b) => indexAt(a, levels.length) - indexAt(b, levels.length));
  }

  /** The tasks that could have led to it, whatever became of them. */
  sourcesOf(task: TaskId): TaskId[] {
    return (this.#inEdges.get(task.step) ?? []).flatMap((edge) => this.#sourcesOf(edge, task));
  }

  /** True if the source ended well and went there. */
  isLedTo(task: TaskId, source: TaskId): boolean {
    return leadsTo(this.#records.transitionOf(source), task.step);
  }

  /** The names that a join does not inherit, since some input changed them. */
  droppedAt(join: TaskId): readonly string[] {
    const known = this.#records.droppedAt?.(join);
    if (known !== undefined) return known;
    const inputs = this.inputsOf(join).map((input) => this.scopeOf(input));
    return joinScope(this.#forkOf(join), inputs).dropped;
  }

  #startOfJoin(task: TaskId): ArtifactScope {
    const hidden: { [name: string]: ArtifactRef | null } = Object.create(null);
    for (const name of this.droppedAt(task)) hidden[name] = null;
    return extendScope(this.#forkOf(task), hidden);
  }

  /** Fork and join stand at the same position: a foreach's levels are open only between them. */
  #forkOf({ step, position }: TaskId): ArtifactScope {
    const { closes } = this.#node(step);
    if (closes === undefined) throw new InternalError(`the join ${step} has no fork`);
    return this.scopeOf({ step: closes, position });
  }

  /** Where the edge may have come from: the levels that both steps share, then those of the source. */
  #sourcesOf(edge: GraphEdge, task: TaskId): TaskId[] {
    const [from, to] = [this.#node(edge.from), this.#node(task.step)];
    const shared = edge.kind === 'back' ? loopLevel(to) : sharedLevels(from, to);
    const levels = levelsOf(task, to);
    const around = edge.kind === 'back' ? previousRound(levels, shared) : entered(levels, shared);
    if (around === undefined) return [];
    let positions = [around];
    for (const level of from.levels.slice(around.length)) {
      positions = positions.flatMap((outer) => this.#inside(outer, level));
    }
    return positions.map((position) => ({ step: edge.from, position: formatPosition(position) }));
  }

  /** The positions one level further in: the items of a foreach, the rounds of a loop. */
  #inside(outer: readonly Level[], level: GraphLevel): (readonly Level[])[] {
    if (level.kind === 'foreach') {
      const split = { step: level.step, position: formatPosition(outer) };
      const transition = this.#records.transitionOf(split);
      const isOpen = transition?.kind === 'foreach' || transition?.kind === 'gang';
      const size = isOpen ? transition.size : 0;
      return Array.from({ length: size }, (_, index) => [...outer, { kind: 'item', index }]);
    }
    const rounds: (readonly Level[])[] = [];
    for (let round = 0; ; round += 1) {
      const inner = [...outer, { kind: 'round', round } as const];
      const head = { step: level.head, position: formatPosition(inner) };
      if (this.#records.transitionOf(head) === undefined) return rounds;
      rounds.push(inner);
    }
  }

  #node(step: string): GraphNode {
    const node = this.#nodes.get(step);
    if (node === undefined) throw new InternalError(`the graph has no step ${step}`);
    return node;
  }
}

function groupByTarget(edges: readonly GraphEdge[]): ReadonlyMap<string, readonly GraphEdge[]> {
  const groups = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    const group = groups.get(edge.to);
    if (group === undefined) groups.set(edge.to, [edge]);
    else group.push(edge);
  }
  return groups;
}

function levelsOf(task: TaskId, node: GraphNode): readonly Level[] {
  const levels = parsePosition(task.position, node.levels.length);
  if (levels === undefined) throw new InternalError(`${taskPath(task)} lies at another depth`);
  return levels;
}

function sharedLevels(a: GraphNode, b: GraphNode): number {
  const differs = a.levels.findIndex((level, index) => !isSameLevel(level, b.levels[index]));
  return differs < 0 ? a.levels.length : differs;
}

function isSameLevel(a: GraphLevel, b: GraphLevel | undefined): boolean {
  if (a.kind === 'foreach') return b?.kind === 'foreach' && a.step === b.step;
  return b?.kind === 'loop' && a.head === b.head;
}

/** Which level of a loop's head is its own. */
function loopLevel(head: GraphNode): number {
  return head.levels.findIndex((level) => level.kind === 'loop' && level.head === head.name);
}

/** Items may come from different steps, where a switch chooses between them. */
function indexAt({ position }: TaskId, depth: number): number {
  return Number(position.split('.')[depth]);
}

function previousRound(levels: readonly Level[], at: number): readonly Level[] | undefined {
  const level = levels[at];
  if (level?.kind !== 'round' || level.round === 0) return undefined;
  return [...levels.slice(0, at), { kind: 'round', round: level.round - 1 }];
}

/** A loop is entered in its first round only. */
function entered(levels: readonly Level[], shared: number): readonly Level[] | undefined {
  const isLater = levels.slice(shared).some((level) => level.kind === 'round' && level.round > 0);
  return isLater ? undefined : levels.slice(0, shared);
}

function leadsTo(transition: TakenTransition | undefined, step: string): boolean {
  if (transition === undefined || transition.kind === 'end') return false;
  return transition.kind === 'next' ? transition.to.includes(step) : transition.to === step;
}
