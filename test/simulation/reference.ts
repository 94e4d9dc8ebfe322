// The token rule of DESIGN §6 read aloud: no queue, no counters, no laziness. It runs a flow area by
// area (the root, one item of a foreach, one round of a loop) and asks an oracle how each task ends.
// The scheduler must agree with it whatever the interleaving; so nothing here is shared with it.
import type { FireRule, FlowGraph, GraphEdge, GraphNode } from '../../src/model/graph.ts';
import { formatPosition, type Level, type TaskPath, taskPath } from '../../src/model/ids.ts';
import type { Oracle, Outcome } from './oracle.ts';

export interface ReferenceTask {
  readonly inputs: readonly TaskPath[];
  readonly fork: TaskPath | undefined;
  readonly outcome: Outcome['kind'];
}

export interface ReferenceRun {
  /** Every task that exists. Without a failure policy that stops the run, each of them ran. */
  readonly tasks: ReadonlyMap<TaskPath, ReferenceTask>;
  readonly end: 'succeeded' | 'failed';
}

type Status = 'live' | 'dead' | 'failed' | 'cancelled';
/** A foreach without items answers with a token that is live and has no task. */
type Token = { readonly status: Status; readonly task?: TaskPath };
/** Several tokens on one edge: the answers of a foreach's items, in index order. */
type Tokens = Map<GraphEdge, readonly Token[]>;
/** `fate`: how it ends, where its gang has decided that. */
type Entry = { readonly node: GraphNode; readonly tokens: readonly Token[]; fate?: Outcome };
type Begun = Entry & { readonly begins: boolean };
type Foreach = { task: TaskPath; to: string; size: number; kind?: string; end?: readonly Token[] };
type Area = { readonly levels: GraphNode['levels']; readonly position: readonly Level[] };

const DEAD: Token = { status: 'dead' };

export function interpret(graph: FlowGraph, oracle: Oracle): ReferenceRun {
  const tasks = new Map<TaskPath, ReferenceTask>();
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  // The edges by where they start, sorted by that step; what closes a foreach, by its splitter.
  const outs = group(graph.edges, (edge) => edge.from);
  const sorted = graph.nodes.flatMap((node) => outs.get(node.name) ?? []);
  const ins = group(sorted, (edge) => (edge.kind === 'back' ? `back ${edge.to}` : edge.to));
  const closers = group(graph.nodes, (node) => (node.joins === 'frame' ? node.closes! : ''));
  const units = group(
    graph.nodes.flatMap((node) => [node.levels, around(node)].map((at) => ({ node, at }))),
    ({ at }) => (at === undefined ? 'none' : JSON.stringify(at)),
  );
  runArea({ levels: [], position: [] });
  const failed = [...tasks.values()].some((task) => task.outcome !== 'succeeds');
  return { tasks, end: failed ? 'failed' : 'succeeded' };

  /** Resolves every step of one area; a loop inside counts as one. Gives what all edges carry. */
  function runArea(area: Area, entry?: Entry): Tokens {
    const sent: Tokens = new Map();
    const waiting = new Set((units.get(JSON.stringify(area.levels)) ?? []).map((one) => one.node));
    for (let before = -1; before !== waiting.size; ) {
      before = waiting.size;
      for (const node of waiting) {
        const begins = entry?.node === node;
        const tokens = begins ? entry.tokens : arrived(node, sent);
        if (tokens === undefined) continue;
        waiting.delete(node);
        const isLoop = node.levels.length > area.levels.length;
        const given = { ...(begins ? entry : {}), node, tokens, begins };
        for (const [edge, list] of isLoop ? runLoop(area, given) : runStep(area, given)) {
          sent.set(edge, list);
        }
      }
    }
    if (waiting.size > 0) throw new Error(`${waiting.size} steps never fire`);
    return sent;
  }

  /** The tokens of all in-edges in declaration order, or nothing while one is missing. */
  function arrived(node: GraphNode, sent: Tokens): readonly Token[] | undefined {
    const edges = ins.get(node.name) ?? [];
    if (edges.length === 0) return [{ status: 'live' }];
    return edges.every((edge) => sent.has(edge))
      ? edges.flatMap((edge) => sent.get(edge)!)
      : undefined;
  }

  /** An item or a round begins because its foreach or loop does: no rule is asked. */
  function runStep(area: Area, { node, tokens, begins, fate }: Begun): Tokens {
    if (!begins && !fires(node.fires, tokens)) return sendAll(node, unfired(tokens));
    const task = taskPath({ step: node.name, position: formatPosition(area.position) });
    if (tasks.has(task)) throw new Error(`two tasks are called ${task}`);
    const fork = node.closes === undefined ? undefined : lastOf(node.closes, area);
    const inputs = tokens.flatMap((token) => token.task ?? []);
    const outcome = fate ?? oracle(task, node);
    tasks.set(task, { inputs, outcome: outcome.kind, fork });
    if (outcome.kind !== 'succeeds') {
      const broken: Token = { status: outcome.kind === 'fails' ? 'failed' : 'cancelled' };
      if (outcome.yielded === undefined) return sendAll(node, broken);
      return runForeach(area, node, { task, ...outcome.yielded, end: [broken] });
    }
    const taken = outcome.transition;
    if ('size' in taken) return runForeach(area, node, { task, ...taken });
    const to: readonly string[] = taken.kind === 'end' ? [] : [taken.to].flat();
    const live: Token = { status: 'live', task };
    return new Map(
      (outs.get(node.name) ?? []).map((edge) => [edge, [to.includes(edge.to) ? live : DEAD]]),
    );
  }

  /** What was yielded stands, also when the foreach fails then. */
  function runForeach(area: Area, node: GraphNode, by: Foreach) {
    const levels = [...area.levels, { kind: 'foreach', step: node.name } as const];
    const entry: Entry = { node: nodes.get(by.to)!, tokens: [{ status: 'live', task: by.task }] };
    const places = Array.from({ length: by.size }, (_, index): readonly Level[] => [
      ...area.position,
      { kind: 'item', index },
    ]);
    // A gang fails as one: where one of its tasks does not succeed, none does.
    for (const place of by.kind === 'gang' ? places.toReversed() : []) {
      const fate = oracle(taskPath({ step: by.to, position: formatPosition(place) }), entry.node);
      if (fate.kind !== 'succeeds') entry.fate = fate;
    }
    const items = places.map((position) => runArea({ levels, position }, entry));
    return answer(node, (edges) => [
      ...items.map((sent) => worst(edges.flatMap((edge) => sent.get(edge)!))),
      ...(by.end ?? (by.size === 0 ? [{ status: 'live' } as const] : [])),
    ]);
  }

  /** Rounds until no back edge is live. What leaves waits; a later token replaces it unless dead. */
  function runLoop(area: Area, { node: head, tokens, begins }: Begun): Tokens {
    const inside = (name: string) =>
      nodes.get(name)!.levels.some((level) => level.kind === 'loop' && level.head === head.name);
    const leaving = graph.edges.filter((edge) => inside(edge.from) && !inside(edge.to));
    if (!begins && !fires(head.fires, tokens)) {
      return new Map(leaving.map((edge) => [edge, [unfired(tokens)]]));
    }
    const held: Tokens = new Map(leaving.map((edge) => [edge, [DEAD]]));
    for (let round = 0, given = tokens; ; round++) {
      const position = [...area.position, { kind: 'round', round } as const];
      const sent = runArea({ levels: head.levels, position }, { node: head, tokens: given });
      for (const edge of leaving) {
        if (sent.get(edge)![0]!.status !== 'dead') held.set(edge, sent.get(edge)!);
      }
      given = ins.get(`back ${head.name}`)!.flatMap((edge) => sent.get(edge)!);
      if (!fires('anyLive', given)) return held;
    }
  }

  /** One token per out-edge; a foreach that did not open answers at the joins that close it. */
  function sendAll(node: GraphNode, token: Token): Tokens {
    const sent = answer(node, () => [token]);
    for (const edge of outs.get(node.name) ?? []) sent.set(edge, [token]);
    return sent;
  }

  /** Of the edges that close a step's foreach, the first to each join carries the answers. */
  function answer(node: GraphNode, tokens: (edges: readonly GraphEdge[]) => readonly Token[]) {
    const sent: Tokens = new Map();
    for (const join of closers.get(node.name) ?? []) {
      const edges = ins.get(join.name)!;
      for (const edge of edges) sent.set(edge, edge === edges[0] ? tokens(edges) : []);
    }
    return sent;
  }

  /** The last task of a step in an area: it ran there, or in a loop that was left since. */
  function lastOf(step: string, { position }: Area): TaskPath | undefined {
    const at = taskPath({ step, position: formatPosition(position) });
    const within = position.length === 0 ? `${step}/` : `${at}.`;
    return [...tasks.keys()].findLast((path) => path === at || path.startsWith(within));
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

/** A step that did not fire hands on the worst that it was given, but never a live token. */
function unfired(tokens: readonly Token[]): Token {
  return worst(tokens.filter((token) => token.status !== 'live'));
}

function worst(tokens: readonly Token[]): Token {
  const order: readonly Status[] = ['failed', 'cancelled', 'live'];
  const found = order.map((status) => tokens.find((token) => token.status === status));
  return found.find((token) => token !== undefined) ?? DEAD;
}

/** The levels around the loop that a step is the head of. */
function around({ name, levels }: GraphNode): GraphNode['levels'] | undefined {
  const last = levels.at(-1);
  return last?.kind === 'loop' && last.head === name ? levels.slice(0, -1) : undefined;
}

function group<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}
