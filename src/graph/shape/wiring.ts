import type { GraphEdge } from '../../model/graph.ts';
import type { FlowSource, SourceStep } from '../source/flow-source.ts';

/** Steps by number (their place in the definition) and the edges between those that exist. */
export interface Wiring {
  readonly steps: readonly SourceStep[];
  readonly numbers: ReadonlyMap<string, number>;
  readonly out: readonly (readonly Wire[])[];
  /** Steps that lead nobody knows where: whatever needs all edges is not sure then. */
  readonly holes: readonly number[];
}

export interface Wire {
  readonly from: number;
  readonly to: number;
  readonly kind: Exclude<GraphEdge['kind'], 'back'>;
  readonly labels?: readonly string[];
}

export function wire({ steps }: FlowSource): Wiring {
  const numbers = new Map(steps.map(({ name }, number) => [name, number]));
  const out = steps.map((step, from) =>
    step.name === 'end' ? [] : wiresOf(step, { from, numbers }),
  );
  const holes = steps.flatMap((step, number) => (isHole(step, numbers) ? [number] : []));
  return { steps, numbers, out, holes };
}

function isHole(
  { name, transition, definition }: SourceStep,
  numbers: ReadonlyMap<string, number>,
): boolean {
  if (name === 'end') return false;
  if (transition === undefined || transition.kind === 'unreadable') return true;
  // Nobody knows whether a step with several arguments was meant to be a join.
  if (definition.arity > 1 || transition.targets.length === 0) return true;
  return transition.targets.some((target) => !numbers.has(target.name) || target.name === 'start');
}

function wiresOf(
  { transition }: SourceStep,
  { from, numbers }: { readonly from: number; readonly numbers: ReadonlyMap<string, number> },
): Wire[] {
  if (transition === undefined || transition.kind === 'unreadable') return [];
  const labels = new Map<number, string[]>();
  for (const [index, { name }] of transition.targets.entries()) {
    const to = numbers.get(name);
    // An edge into start is a mistake of its own and leads nowhere.
    if (to === undefined || name === 'start') continue;
    const own = labels.get(to) ?? [];
    if (transition.kind === 'switch') own.push(transition.labels[index] ?? '');
    labels.set(to, own);
  }
  const kind = transition.kind === 'switch' ? 'case' : transition.kind;
  return [...labels].map(([to, own]) => ({
    from,
    to,
    kind,
    ...(kind === 'case' ? { labels: own } : {}),
  }));
}
