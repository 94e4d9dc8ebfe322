import type { ConcurrencyLimit } from '../../model/definition.ts';
import type { GraphNode } from '../../model/graph.ts';

/** What a run may take of the machine. Absent: as much as it likes. */
export interface Capacity {
  /** CPU slots; a task takes at least one, or as many as its `cpu`. */
  readonly maxWorkers: number;
  /** Tasks that mostly wait for disk or network; they take no CPU slot unless they ask for one. */
  readonly maxIo?: number;
  readonly maxMemoryBytes?: number;
  readonly maxGpus?: number;
  /** Nothing waits for anything: limits of the flow do not hold either. */
  readonly admitsAll?: true;
}

/** Something of which there is only so much. One object per pool of a run. */
export interface Pool {
  readonly kind: 'limit' | 'gpu' | 'memory' | 'io' | 'cpu';
  /** Limits: their name, or the step that they belong to. */
  readonly name?: string;
  readonly capacity: number;
}

/** What one task takes, pool by pool, all demands in the same order of pools. Whole numbers. */
export type Demand = readonly Need[];

export interface Need {
  readonly pool: Pool;
  readonly amount: number;
}

/** CPU is counted in thousandths, so that fractions add up exactly. */
export const CPU_UNIT = 1_000;

/**
 * What a task of each step takes. A limit that several steps name is one pool, and steps that take
 * the same have the very same demand.
 */
export function compileDemands(
  nodes: readonly GraphNode[],
  capacity: Capacity,
): ReadonlyMap<string, Demand> {
  const machine: Machine = {
    gpu: { kind: 'gpu', capacity: capacity.maxGpus ?? Number.POSITIVE_INFINITY },
    memory: { kind: 'memory', capacity: capacity.maxMemoryBytes ?? Number.POSITIVE_INFINITY },
    io: { kind: 'io', capacity: capacity.maxIo ?? Number.POSITIVE_INFINITY },
    cpu: { kind: 'cpu', capacity: capacity.maxWorkers * CPU_UNIT },
  };
  const shared = new Map<string, Pool>();
  const distinct: Demand[] = [];
  return new Map(
    nodes.map((node) => {
      const all = [...limitNeeds(node, shared), ...machineNeeds(node, machine)];
      const demand = capacity.admitsAll ? [] : all.filter(({ amount }) => amount > 0);
      const known = distinct.find((other) => isSame(other, demand));
      if (known === undefined) distinct.push(demand);
      return [node.name, known ?? demand];
    }),
  );
}

function isSame(a: Demand, b: Demand): boolean {
  return (
    a.length === b.length &&
    a.every(({ pool, amount }, n) => pool === b[n]?.pool && amount === b[n]?.amount)
  );
}

type Machine = Readonly<Record<'gpu' | 'memory' | 'io' | 'cpu', Pool>>;

/** Shared limits by name, then the step's own: every demand names them in the same order. */
function limitNeeds({ name, policy }: GraphNode, shared: Map<string, Pool>): Need[] {
  const limits = policy.limits ?? [];
  const own = limits.filter((limit) => limit.name === undefined);
  const named = limits.filter((limit) => limit.name !== undefined).toSorted(byName);
  return [
    ...named.map((limit) => ({ pool: sharedPool(limit, shared), amount: 1 })),
    ...own.map(({ count }) => ({
      pool: { kind: 'limit', name, capacity: count } as const,
      amount: 1,
    })),
  ];
}

function byName(a: ConcurrencyLimit, b: ConcurrencyLimit): number {
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}

function sharedPool({ name = '', count }: ConcurrencyLimit, shared: Map<string, Pool>): Pool {
  const known = shared.get(name);
  if (known !== undefined) return known;
  const pool: Pool = { kind: 'limit', name, capacity: count };
  shared.set(name, pool);
  return pool;
}

function machineNeeds({ policy }: GraphNode, { gpu, memory, io, cpu }: Machine): Need[] {
  const { resources = {} } = policy;
  const waits = resources.hint === 'io' || resources.hint === 'network';
  const slots = waits ? (resources.cpu ?? 0) : Math.max(1, resources.cpu ?? 1);
  return [
    { pool: gpu, amount: resources.gpu ?? 0 },
    { pool: memory, amount: resources.memoryBytes ?? 0 },
    { pool: io, amount: waits ? 1 : 0 },
    { pool: cpu, amount: Math.ceil(slots * CPU_UNIT) },
  ];
}
