import { InternalError } from '../../model/errors.ts';
import type { FlowGraph, GraphEdge, GraphLevel, GraphNode } from '../../model/graph.ts';

/**
 * The graph with every question that a token asks answered ahead: where it arrives, at which port,
 * what closes a foreach, what leaves a loop. Compiled once per run, never changed; the moving parts
 * are in `state.ts`.
 */
export interface Plan {
  readonly root: Region;
  /** In declaration order. */
  readonly steps: readonly PlanStep[];
}

/** A kind of area: the root, the body of a foreach, or a loop. Each instance is an `Area`. */
export interface Region {
  readonly kind: 'root' | 'foreach' | 'loop';
  readonly parent?: Region;
  /** Bodies of a foreach: the step that fans out. */
  splitter?: PlanStep;
  /** Gates that an area of this kind needs. */
  gates: number;
  /** Steps and loops that must be resolved before an area of this kind is. */
  units: number;
  /** Loops: the edges that cross its border outwards, back edges of outer loops among them. */
  readonly leaving: PlanEdge[];
  /** Loops: how many edges lead back to the head. */
  backPorts: number;
}

export interface PlanStep {
  readonly index: number;
  readonly name: string;
  readonly node: GraphNode;
  /** Where its tasks run. */
  readonly region: Region;
  /** Where its tokens arrive: for the head of a loop this is the region around the loop. */
  readonly gateRegion: Region;
  readonly gate: number;
  /** How many foreaches lie around it. */
  readonly foreachDepth: number;
  ports: number;
  readonly outs: PlanEdge[];
  /** Steps that fan out: what each item enters, and the joins that close the foreach. */
  body?: { readonly target: PlanStep; readonly region: Region; readonly answers: Answer[] };
  /** The step that a join measures its inputs against. */
  fork?: PlanStep;
  /** Some join has this step as its fork, so its records are kept while its area lives. */
  isFork: boolean;
}

export interface PlanEdge {
  readonly from: PlanStep;
  readonly to: PlanStep;
  readonly back: boolean;
  /** The region in which its token comes to rest. */
  readonly arrival: Region;
  /** Its place among the inputs of the target. Of one foreach's answers all share one place. */
  readonly port: number;
  /** Set for the edges out of a foreach's body, with the place among the item's own answers. */
  readonly answer?: { readonly of: Answer; readonly port: number };
}

/** How an item of a foreach answers to a join that closes it. */
export interface Answer {
  readonly join: PlanStep;
  readonly port: number;
  /** Edges from the body to the join; the item answers when each has its token. */
  edges: number;
  /** Where the item collects them. */
  readonly gate: number;
}

export function isHead(step: PlanStep): boolean {
  return step.region !== step.gateRegion;
}

export function compilePlan(graph: FlowGraph): Plan {
  const regions = new Regions();
  const steps = graph.nodes.map((node, index) => makeStep(node, index, regions));
  const byName = new Map(steps.map((step) => [step.name, step]));
  const find = (name: string): PlanStep => {
    const step = byName.get(name);
    if (step === undefined) throw new InternalError(`the graph has no step "${name}"`);
    return step;
  };
  const edges = inDeclarationOrder(graph.edges, find);
  for (const edge of edges) {
    if (fansOut(edge)) openBody(find(edge.from), find(edge.to), regions);
  }
  for (const edge of edges) {
    if (!fansOut(edge)) connect(edge, find(edge.from), find(edge.to));
  }
  for (const step of steps) {
    if (step.node.closes === undefined) continue;
    step.fork = find(step.node.closes);
    step.fork.isFork = true;
  }
  return { root: regions.root, steps };
}

class Regions {
  readonly root: Region = makeRegion('root');
  readonly #byKey = new Map<string, Region>();

  at(levels: readonly GraphLevel[]): Region {
    let region = this.root;
    let key = '';
    for (const level of levels) {
      key += level.kind === 'loop' ? `/loop:${level.head}` : `/foreach:${level.step}`;
      region = this.#child(key, level.kind, region);
    }
    return region;
  }

  #child(key: string, kind: 'foreach' | 'loop', parent: Region): Region {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const region = makeRegion(kind, parent);
    if (kind === 'loop') parent.units += 1;
    this.#byKey.set(key, region);
    return region;
  }
}

function makeRegion(kind: Region['kind'], parent?: Region): Region {
  const counts = { gates: 0, units: 0, backPorts: 0, leaving: [] };
  return parent === undefined ? { kind, ...counts } : { kind, parent, ...counts };
}

function makeStep(node: GraphNode, index: number, regions: Regions): PlanStep {
  const region = regions.at(node.levels);
  const last = node.levels.at(-1);
  const head = last?.kind === 'loop' && last.head === node.name;
  const gateRegion = head ? regions.at(node.levels.slice(0, -1)) : region;
  region.units += 1;
  const gate = gateRegion.gates++;
  const foreachDepth = node.levels.filter(({ kind }) => kind === 'foreach').length;
  const fixed = { index, name: node.name, node, region, gateRegion, gate, foreachDepth };
  return { ...fixed, ports: 0, outs: [], isFork: false };
}

/** A gang is a foreach over the numbers of its members. */
function fansOut({ kind }: GraphEdge): boolean {
  return kind === 'foreach' || kind === 'gang';
}

/** Ports are given in this order, so that inputs come in declaration order whatever ended first. */
function inDeclarationOrder(edges: readonly GraphEdge[], find: (name: string) => PlanStep) {
  return edges.toSorted((a, b) => find(a.from).index - find(b.from).index);
}

function openBody(from: PlanStep, target: PlanStep, regions: Regions): void {
  const region = regions.at([...from.node.levels, { kind: 'foreach', step: from.name }]);
  region.splitter = from;
  from.body = { target, region, answers: [] };
  if (target.gateRegion !== region) {
    throw new InternalError(`"${target.name}" does not lie in the foreach of "${from.name}"`);
  }
}

function connect(edge: GraphEdge, from: PlanStep, to: PlanStep): void {
  const back = edge.kind === 'back';
  const arrival = back ? to.region : to.gateRegion;
  const { crossed, splitter } = crossedRegions(from, arrival);
  const answer = splitter === undefined ? undefined : answerOf(splitter, to);
  const port = back ? to.region.backPorts++ : (answer?.of.port ?? to.ports++);
  const made = { from, to, back, arrival, port, ...(answer === undefined ? {} : { answer }) };
  from.outs.push(made);
  for (const region of crossed) if (region.kind === 'loop') region.leaving.push(made);
}

/** What an edge leaves on its way up to where it arrives. */
function crossedRegions(from: PlanStep, arrival: Region) {
  const crossed: Region[] = [];
  let splitter: PlanStep | undefined;
  for (let region = from.region; region !== arrival; ) {
    crossed.push(region);
    splitter = region.splitter ?? splitter;
    if (region.parent === undefined) {
      throw new InternalError(`an edge of "${from.name}" enters a level that it does not open`);
    }
    region = region.parent;
  }
  return { crossed, splitter };
}

function answerOf(splitter: PlanStep, join: PlanStep): NonNullable<PlanEdge['answer']> {
  const body = splitter.body;
  if (body === undefined) throw new InternalError(`"${splitter.name}" opens no foreach`);
  const known = body.answers.find((answer) => answer.join === join);
  if (known !== undefined) {
    return { of: known, port: known.edges++ };
  }
  const answer = { join, port: join.ports++, edges: 1, gate: body.region.gates++ };
  body.answers.push(answer);
  return { of: answer, port: 0 };
}
