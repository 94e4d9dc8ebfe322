import type { ConcurrencyLimit, Resources, StepPolicy } from '../../src/model/definition.ts';
import type { FlowGraph, GraphNode } from '../../src/model/graph.ts';
import { chance } from './chance.ts';

/** What there is in every drawn run; each step asks for less than all of it. */
export const CAPACITY = { maxWorkers: 4, maxIo: 2, maxMemoryBytes: 10, maxGpus: 2 } as const;
const SHARED: { readonly [name: string]: number } = { api: 2, database: 1 };

/** The same graph, with steps that ask for all kinds of things. */
export function withDemands(graph: FlowGraph, seed: number): FlowGraph {
  const nodes = graph.nodes.map((node) => ({ ...node, policy: drawPolicy(node, seed) }));
  return { ...graph, nodes };
}

function drawPolicy({ name, policy }: GraphNode, seed: number): StepPolicy {
  const draw = (what: string): number => chance(seed, `${name} ${what}`);
  const resources: Resources = {
    ...(draw('cpu') < 0.5 ? { cpu: 0.5 + Math.floor(draw('cores') * 7) / 2 } : {}),
    ...(draw('memory') < 0.5 ? { memoryBytes: 1 + Math.floor(draw('bytes') * 10) } : {}),
    ...(draw('gpu') < 0.3 ? { gpu: 1 + Math.floor(draw('gpus') * 2) } : {}),
    ...(draw('hint') < 0.3 ? { hint: 'io' } : {}),
  };
  const limits: ConcurrencyLimit[] = [
    ...(draw('own') < 0.3 ? [{ count: 1 + Math.floor(draw('count') * 3) }] : []),
    ...Object.entries(SHARED).flatMap(([limit, count]) =>
      draw(limit) < 0.3 ? [{ name: limit, count }] : [],
    ),
  ];
  return { ...policy, resources, limits };
}

/** What is over its limit, read from the policies of what runs, with nothing counted along the way. */
export function exceeded(running: readonly GraphNode[]): string | undefined {
  const sum = (amount: (node: GraphNode) => number): number =>
    running.reduce((total, node) => total + amount(node), 0);
  const waits = ({ policy }: GraphNode): boolean => policy.resources?.hint === 'io';
  const cpu = (node: GraphNode): number =>
    waits(node) ? (node.policy.resources?.cpu ?? 0) : Math.max(1, node.policy.resources?.cpu ?? 1);
  if (sum(cpu) > CAPACITY.maxWorkers) return 'cpu';
  if (sum((node) => Number(waits(node))) > CAPACITY.maxIo) return 'io';
  if (sum(({ policy }) => policy.resources?.memoryBytes ?? 0) > CAPACITY.maxMemoryBytes)
    return 'memory';
  if (sum(({ policy }) => policy.resources?.gpu ?? 0) > CAPACITY.maxGpus) return 'gpu';
  return exceededLimit(running);
}

function exceededLimit(running: readonly GraphNode[]): string | undefined {
  for (const node of running) {
    for (const { name, count } of node.policy.limits ?? []) {
      const same = running.filter((other) =>
        name === undefined
          ? other === node
          : other.policy.limits?.some((limit) => limit.name === name),
      );
      if (same.length > count) return `the limit ${name ?? node.name}`;
    }
  }
  return undefined;
}
