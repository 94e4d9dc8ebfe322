import type { FlowGraph, GraphEdge, GraphLevel, GraphNode } from '../../src/model/graph.ts';
import { fansOut, type Shape, type ShapeStep, takesItem } from './shape.ts';

/**
 * The graph that a shape draws, from nothing but what the shape itself says: what the runtime reads
 * out of the flow's text has no part in it.
 */
export function shapeGraph(shape: Shape): FlowGraph {
  const levels = levelsOf(shape);
  const nodes = shape.steps.map((step): GraphNode => nodeOf(shape, step, levels));
  return { flow: shape.name, nodes, edges: edgesOf(shape, levels) };
}

function nodeOf(shape: Shape, step: ShapeStep, levels: ReadonlyMap<string, Levels>): GraphNode {
  const isItem = takesItem(step, shape);
  const closed = shape.steps.find(({ name }) => name === step.closes);
  const joins = fansOut(closed?.way) ? 'frame' : 'branches';
  return {
    name: step.name,
    takes: closed !== undefined ? 'inputs' : isItem ? 'item' : 'nothing',
    joins: closed === undefined ? 'none' : joins,
    ...(closed === undefined ? {} : { closes: closed.name }),
    fires: 'anyLive',
    levels: levels.get(step.name) ?? [],
    transition: transitionOf(step),
    policy: {},
    decorators: [],
    sets: [],
  };
}

function transitionOf({ way }: ShapeStep): GraphNode['transition'] {
  if (way.kind !== 'switch') return way;
  const cases = Object.entries(way.cases).map(([label, to]) => ({ label, to }));
  return { kind: 'switch', cases };
}

type Levels = readonly GraphLevel[];

function edgesOf(shape: Shape, levels: ReadonlyMap<string, Levels>): GraphEdge[] {
  return shape.steps.flatMap(({ name: from, way }) =>
    targetsOf(way).map((to): GraphEdge => {
      const leadsBack = shape.loops[to]?.includes(from) === true;
      if (leadsBack && hasLevel(levels.get(from), to)) return { from, to, kind: 'back' };
      const kinds = { switch: 'case', foreach: 'foreach', gang: 'gang' } as const;
      const kind = way.kind === 'next' || way.kind === 'end' ? 'next' : kinds[way.kind];
      return { from, to, kind };
    }),
  );
}

function hasLevel(levels: Levels = [], head: string): boolean {
  return levels.some((level) => level.kind === 'loop' && level.head === head);
}

export function targetsOf(way: ShapeStep['way']): readonly string[] {
  if (way.kind === 'next') return way.to;
  if (way.kind === 'foreach' || way.kind === 'gang') return [way.to];
  return way.kind === 'end' ? [] : [...new Set(Object.values(way.cases))];
}

/** What is open around each step: found by walking along the ways from `start`. */
function levelsOf(shape: Shape): ReadonlyMap<string, Levels> {
  const found = new Map<string, Levels>();
  const steps = new Map(shape.steps.map((step) => [step.name, step]));
  const visit = (step: ShapeStep, levels: Levels): void => {
    if (found.has(step.name)) return;
    found.set(step.name, levels);
    for (const name of targetsOf(step.way)) {
      const target = steps.get(name);
      if (target === undefined) throw new Error(`${shape.name} has no step ${name}`);
      visit(target, levelsBehind(step, target));
    }
  };
  const levelsBehind = (from: ShapeStep, to: ShapeStep): Levels => {
    const here = found.get(from.name) ?? [];
    const closed = steps.get(to.closes ?? '');
    if (closed !== undefined && fansOut(closed.way)) return found.get(closed.name) ?? [];
    if (fansOut(from.way)) return [...here, { kind: 'foreach', step: from.name }];
    const still = here.filter(
      (level) => level.kind !== 'loop' || shape.loops[level.head]?.includes(to.name) === true,
    );
    const enters = shape.loops[to.name] !== undefined && !hasLevel(still, to.name);
    return enters ? [...still, { kind: 'loop', head: to.name }] : still;
  };
  const [start] = shape.steps;
  if (start !== undefined) visit(start, enclosing(shape, start));
  return found;
}

/** A flow may begin with a loop. */
function enclosing(shape: Shape, { name }: ShapeStep): Levels {
  return shape.loops[name] === undefined ? [] : [{ kind: 'loop', head: name }];
}

/** The steps on all ways from where the inputs of a join part to the join, without these two. */
export function stepsBetween(shape: Shape, join: ShapeStep): readonly ShapeStep[] {
  const leadsThere = (from: string, seen: readonly string[] = []): boolean => {
    const way = shape.steps.find(({ name }) => name === from)?.way ?? { kind: 'end' };
    return targetsOf(way).some(
      (to) =>
        to === join.name ||
        (!seen.includes(to) && to !== join.closes && leadsThere(to, [...seen, to])),
    );
  };
  const found = new Set<string>();
  const walk = (from: string): void => {
    const way = shape.steps.find(({ name }) => name === from)?.way ?? { kind: 'end' };
    for (const to of targetsOf(way)) {
      if (to === join.name || to === join.closes || found.has(to) || !leadsThere(to)) continue;
      found.add(to);
      walk(to);
    }
  };
  walk(join.closes ?? '');
  return shape.steps.filter(({ name }) => found.has(name));
}
