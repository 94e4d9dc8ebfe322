// The token rule of DESIGN §6 read aloud: no queue, no counters, no laziness. It runs a flow area by
// area (the root, one item of a foreach, one round of a loop) and asks an oracle how each task ends.
// The scheduler must agree with it whatever the interleaving; so nothing here is shared with it.
import type {
  FireRule,
  FlowGraph,
  GraphEdge,
  GraphLevel,
  GraphNode,
} from '../../src/model/graph.ts';
import {
  formatPosition,
  type Level,
  parseTaskPath,
  type TaskPath,
  taskPath,
} from '../../src/model/ids.ts';
import type { TakenTransition } from '../../src/model/task.ts';

export type Outcome =
  | { readonly kind: 'succeeds'; readonly transition: TakenTransition }
  | { readonly kind: 'fails' }
  | { readonly kind: 'is-cancelled' };

export type Oracle = (task: TaskPath, node: GraphNode) => Outcome;

export interface ReferenceTask {
  readonly inputs: readonly TaskPath[];
  readonly fork?: TaskPath;
  readonly outcome: Outcome['kind'];
}

export interface ReferenceRun {
  /** Every task that exists. Without a failure policy that stops the run, each of them ran. */
  readonly tasks: ReadonlyMap<TaskPath, ReferenceTask>;
  readonly end: 'succeeded' | 'failed';
}

type Status = 'live' | 'dead' | 'failed' | 'cancelled';
/** Zero items answer with a token that is live and has no task. */
type Token = { readonly status: Status; readonly task?: TaskPath };
/** Several tokens on one edge: the answers of a foreach's items, in index order. */
type Tokens = Map<GraphEdge, readonly Token[]>;
type Entry = { readonly node: GraphNode; readonly tokens: readonly Token[] };
type Area = { readonly levels: readonly GraphLevel[]; readonly position: readonly Level[] };

const DEAD: Token = { status: 'dead' };

export function interpret(graph: FlowGraph, oracle: Oracle): ReferenceRun {
  return new Interpreter(graph, oracle).run();
}

class Interpreter {
  readonly #graph: FlowGraph;
  readonly #oracle: Oracle;
  readonly #tasks = new Map<TaskPath, ReferenceTask>();

  constructor(graph: FlowGraph, oracle: Oracle) {
    this.#graph = graph;
    this.#oracle = oracle;
  }

  run(): ReferenceRun {
    this.#runArea({ levels: [], position: [] });
    const failed = [...this.#tasks.values()].some((task) => task.outcome !== 'succeeds');
    return { tasks: this.#tasks, end: failed ? 'failed' : 'succeeded' };
  }

  /** Resolves every step of one area; the answer is what stands on all edges it wrote to. */
  #runArea(area: Area, entry?: Entry): Tokens {
    const tokens: Tokens = new Map();
    const waiting = new Set(this.#graph.nodes.filter((node) => this.#isUnitOf(node, area)));
    for (let progress = true; progress; ) {
      progress = false;
      for (const node of waiting) {
        const given = entry?.node === node ? entry.tokens : this.#arrived(node, tokens);
        if (given === undefined) continue;
        waiting.delete(node);
        progress = true;
        const enters = isHead(node) && node.levels.length > area.levels.length;
        const sent = enters
          ? this.#runLoop(area, { node, tokens: given })
          : this.#runNode(area, { node, tokens: given }, entry?.node === node);
        for (const [edge, list] of sent) tokens.set(edge, list);
      }
    }
    if (waiting.size > 0) throw new Error(`${waiting.size} steps never fire`);
    return tokens;
  }

  /** A loop stands in the area around it as one unit: its head. */
  #isUnitOf(node: GraphNode, area: Area): boolean {
    const levels = [node.levels, ...(isHead(node) ? [node.levels.slice(0, -1)] : [])];
    return levels.some((own) => sameLevels(own, area.levels));
  }

  /** The tokens of all in-edges in declaration order, or nothing while one is missing. */
  #arrived(node: GraphNode, tokens: Tokens): readonly Token[] | undefined {
    const edges = this.#graph.nodes.flatMap((from) =>
      this.#outEdges(from).filter((edge) => edge.to === node.name && edge.kind !== 'back'),
    );
    if (edges.length === 0) return [{ status: 'live' }];
    if (edges.some((edge) => !tokens.has(edge))) return undefined;
    return edges.flatMap((edge) => tokens.get(edge) ?? []);
  }

  /** An item or a round begins because its foreach or loop does: no rule is asked. */
  #runNode(area: Area, { node, tokens }: Entry, begins: boolean): Tokens {
    if (!begins && !fires(node.fires, tokens))
      return this.#sendAll(node, { status: unfired(tokens) });
    const task = taskPath({ step: node.name, position: formatPosition(area.position) });
    if (this.#tasks.has(task)) throw new Error(`two tasks are called ${task}`);
    const fork = node.joins === 'none' ? undefined : this.#forkOf(node, area);
    const inputs = tokens.flatMap((token) =>
      token.status === 'live' && token.task !== undefined ? [token.task] : [],
    );
    const outcome = this.#oracle(task, node);
    this.#tasks.set(task, {
      inputs,
      outcome: outcome.kind,
      ...(fork === undefined ? {} : { fork }),
    });
    if (outcome.kind === 'fails') return this.#sendAll(node, { status: 'failed' });
    if (outcome.kind === 'is-cancelled') return this.#sendAll(node, { status: 'cancelled' });
    const taken = outcome.transition;
    if (taken.kind === 'foreach') return this.#runForeach(area, node, { task, ...taken });
    const to = taken.kind === 'end' ? [] : [taken.to].flat();
    return new Map(
      this.#outEdges(node).map((edge) => [
        edge,
        [to.includes(edge.to) ? { status: 'live', task } : DEAD],
      ]),
    );
  }

  #runForeach(area: Area, node: GraphNode, taken: { task: TaskPath; to: string; size: number }) {
    const target = this.#node(taken.to);
    const levels = [...area.levels, { kind: 'foreach', step: node.name } as const];
    const answers = this.#sendAll(node, { status: 'live' });
    if (taken.size === 0) return answers;
    const items: Tokens[] = [];
    for (let index = 0; index < taken.size; index++) {
      const inside = { levels, position: [...area.position, { kind: 'item', index } as const] };
      items.push(
        this.#runArea(inside, { node: target, tokens: [{ status: 'live', task: taken.task }] }),
      );
    }
    for (const [first, edges] of this.#closing(node)) {
      answers.set(
        first,
        items.map((item) => strongest(edges.flatMap((edge) => item.get(edge) ?? []))),
      );
    }
    return answers;
  }

  /** Rounds until no back edge is live. What leaves waits; a later live token replaces a waiting one. */
  #runLoop(area: Area, entry: Entry): Tokens {
    const head = entry.node;
    const leaving = this.#graph.edges.filter(
      (edge) => inLoop(this.#node(edge.from), head) && !inLoop(this.#node(edge.to), head),
    );
    if (!fires(head.fires, entry.tokens)) {
      return new Map(leaving.map((edge) => [edge, [{ status: unfired(entry.tokens) }]]));
    }
    const held: Tokens = new Map(leaving.map((edge) => [edge, [DEAD]]));
    for (let round = 0, tokens = entry.tokens; ; round++) {
      const level = { kind: 'round', round } as const;
      const inside = { levels: head.levels, position: [...area.position, level] };
      const sent = this.#runArea(inside, { node: head, tokens });
      for (const edge of leaving) {
        const token = strongest(sent.get(edge) ?? []);
        if (token.status !== 'dead') held.set(edge, [token]);
      }
      tokens = this.#graph.nodes.flatMap((from) =>
        this.#outEdges(from)
          .filter((edge) => edge.kind === 'back' && edge.to === head.name)
          .flatMap((edge) => sent.get(edge) ?? []),
      );
      if (!fires('anyLive', tokens)) return held;
    }
  }

  /** One token per out-edge; a foreach that did not open answers at the joins that close it. */
  #sendAll(node: GraphNode, token: Token): Tokens {
    const sent: Tokens = new Map();
    for (const edge of this.#outEdges(node)) if (edge.kind !== 'foreach') sent.set(edge, [token]);
    for (const [first, edges] of this.#closing(node)) {
      for (const edge of edges) sent.set(edge, edge === first ? [token] : []);
    }
    return sent;
  }

  /** The edges that close a step's foreach, by join: the first of them carries the answers. */
  #closing(node: GraphNode): readonly (readonly [GraphEdge, readonly GraphEdge[]])[] {
    return this.#graph.nodes
      .filter((join) => join.joins === 'frame' && join.closes === node.name)
      .map((join) => {
        const edges = this.#graph.nodes
          .filter((from) =>
            from.levels.some((level) => 'step' in level && level.step === node.name),
          )
          .flatMap((from) => this.#outEdges(from).filter((edge) => edge.to === join.name));
        return [edges[0]!, edges] as const;
      });
  }

  /** The fork ran in the join's own area, or last in a loop that was left since. */
  #forkOf(join: GraphNode, area: Area): TaskPath | undefined {
    const at = formatPosition(area.position);
    return [...this.#tasks.keys()].findLast((path) => {
      const { step, position } = parseTaskPath(path);
      if (step !== join.closes) return false;
      return area.position.length === 0 || position === at || position.startsWith(`${at}.`);
    });
  }

  #outEdges(node: GraphNode): readonly GraphEdge[] {
    return this.#graph.edges.filter((edge) => edge.from === node.name);
  }

  #node(name: string): GraphNode {
    return this.#graph.nodes.find((node) => node.name === name)!;
  }
}

function fires(rule: FireRule, tokens: readonly Token[]): boolean {
  const some = (...statuses: Status[]) => tokens.some((token) => statuses.includes(token.status));
  if (rule === 'always') return true;
  if (rule === 'allDone') return some('live', 'failed', 'cancelled');
  if (rule === 'oneFailed') return some('failed', 'cancelled');
  if (rule === 'allLive') return !some('dead', 'failed', 'cancelled');
  if (rule === 'noneFailed') return !some('failed', 'cancelled');
  return some('live') && !some('failed', 'cancelled');
}

/** A step that did not fire hands on the worst that it was given. */
function unfired(tokens: readonly Token[]): Status {
  const has = (status: Status) => tokens.some((token) => token.status === status);
  return has('failed') ? 'failed' : has('cancelled') ? 'cancelled' : 'dead';
}

function strongest(tokens: readonly Token[]): Token {
  const order: readonly Status[] = ['failed', 'cancelled', 'live', 'dead'];
  const found = order.map((status) => tokens.find((token) => token.status === status));
  return found.find((token) => token !== undefined) ?? DEAD;
}

function isHead(node: GraphNode): boolean {
  const last = node.levels.at(-1);
  return last?.kind === 'loop' && last.head === node.name;
}

function inLoop(node: GraphNode, head: GraphNode): boolean {
  return node.levels.some((level) => level.kind === 'loop' && level.head === head.name);
}

function sameLevels(a: readonly GraphLevel[], b: readonly GraphLevel[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
