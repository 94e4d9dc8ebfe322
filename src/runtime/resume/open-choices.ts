import type { FlowGraph, GraphLevel, GraphNode, GraphTransition } from '../../model/graph.ts';
import { formatLevel, type Level, parsePosition, type TaskId } from '../../model/ids.ts';

/**
 * Tasks of which it is not known where they will lead: a switch that runs again may take another case,
 * a foreach have other items. What lies in its reach may then start with something else, or never, though nothing that it follows
 * from today runs again.
 */
export class OpenChoices {
  readonly #graph: FlowGraph;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  /** By step, then by the text of a beginning of the position: how that goes on. */
  readonly #open = new Map<string, Map<string, Opened>>();
  readonly #reach = new Map<string, ReadonlySet<string>>();

  constructor(graph: FlowGraph) {
    this.#graph = graph;
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  }

  /** A task runs again; it counts where its step has a choice. */
  add(task: TaskId): void {
    const node = this.#nodes.get(task.step);
    if (node === undefined || !CHOICES.includes(node.transition.kind)) return;
    const places = this.#open.get(task.step) ?? new Map<string, Opened>();
    this.#open.set(task.step, places);
    const levels = levelsOf(task, node);
    for (let depth = 0; depth <= levels.length; depth += 1) {
      const around = textOf(levels.slice(0, depth));
      const next = levels[depth];
      const round = next?.kind === 'round' ? next.round : Number.POSITIVE_INFINITY;
      const firstRound = Math.min(round, places.get(around)?.firstRound ?? round);
      places.set(around, { firstRound, task: places.get(around)?.task ?? task });
    }
  }

  /** One whose choice may decide about that task. */
  above(task: TaskId): TaskId | undefined {
    const node = this.#nodes.get(task.step);
    if (node === undefined || this.#open.size === 0) return undefined;
    const levels = levelsOf(task, node);
    for (const [step, places] of this.#open) {
      const from = this.#nodes.get(step);
      const found = from && this.#decides({ from, places }, { node, levels });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** In the same item of each foreach around both; in an earlier round, or before it in the same one. */
  #decides(
    { from, places }: { readonly from: GraphNode; readonly places: ReadonlyMap<string, Opened> },
    { node, levels }: { readonly node: GraphNode; readonly levels: readonly Level[] },
  ): TaskId | undefined {
    const shared = sharedDepth(from.levels, node.levels);
    for (let depth = 0; depth <= shared; depth += 1) {
      const opened = places.get(textOf(levels.slice(0, depth)));
      if (opened === undefined) return undefined;
      if (depth === shared)
        return this.#reaches(from, shared).has(node.name) ? opened.task : undefined;
      const level = levels[depth];
      if (level?.kind === 'round' && opened.firstRound < level.round) return opened.task;
    }
    return undefined;
  }

  /** What lies ahead; of a loop that is left on the way, all that lies ahead of any of its steps. */
  #reaches(from: GraphNode, shared: number): ReadonlySet<string> {
    const loop = from.levels.slice(shared).find((level) => level.kind === 'loop');
    const start = loop?.kind === 'loop' ? loop.head : from.name;
    const known = this.#reach.get(start);
    if (known !== undefined) return known;
    const reached = new Set<string>();
    const waiting = [start];
    for (const at of waiting) {
      for (const { from: source, to, kind } of this.#graph.edges) {
        if (source !== at || kind === 'back' || reached.has(to)) continue;
        reached.add(to);
        waiting.push(to);
      }
    }
    this.#reach.set(start, reached);
    return reached;
  }
}

/** A foreach may have other items, or none. */
const CHOICES: readonly GraphTransition['kind'][] = ['switch', 'foreach', 'gang'];

interface Opened {
  readonly task: TaskId;
  /** Of those whose next level is a loop's. */
  readonly firstRound: number;
}

function levelsOf({ position }: TaskId, { levels }: GraphNode): readonly Level[] {
  return parsePosition(position, levels.length) ?? [];
}

function textOf(levels: readonly Level[]): string {
  return levels.map(formatLevel).join('.');
}

function sharedDepth(a: readonly GraphLevel[], b: readonly GraphLevel[]): number {
  const differing = a.findIndex((level, n) => !isSameLevel(level, b[n]));
  return differing === -1 ? a.length : differing;
}

function isSameLevel(a: GraphLevel, b: GraphLevel | undefined): boolean {
  if (a.kind === 'loop') return b?.kind === 'loop' && a.head === b.head;
  return b?.kind === 'foreach' && a.step === b.step;
}
