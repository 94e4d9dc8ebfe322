import type { GraphEdge } from '../../model/graph.ts';
import type { FlowSource, SourceStep } from '../source/flow-source.ts';

/** Steps by number (their place in the definition) and the edges between those that exist. */
export interface Wiring {
  readonly steps: readonly SourceStep[];
  readonly numbers: ReadonlyMap<string, number>;
  readonly out: readonly (readonly Wire[])[];
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
  return { steps, numbers, out };
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
    const label = transition.kind === 'switch' ? transition.labels[index] : undefined;
    labels.set(to, [...(labels.get(to) ?? []), ...(label === undefined ? [] : [label])]);
  }
  const kind = transition.kind === 'switch' ? 'case' : transition.kind;
  return [...labels].map(([to, own]) => ({
    from,
    to,
    kind,
    ...(kind === 'case' ? { labels: own } : {}),
  }));
}
