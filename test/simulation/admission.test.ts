import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { GraphNode } from '../../src/model/graph.ts';
import { Admission } from '../../src/runtime/scheduler/admission.ts';
import type { Demand, Pool } from '../../src/runtime/scheduler/demand.ts';
import type { OpenForeach, Task } from '../../src/runtime/scheduler/state.ts';
import { anyGraph } from './random-graph.ts';
import { randomOracle } from './random-oracle.ts';
import { interpret } from './reference.ts';
import { simulations, testTimeout } from './settings.ts';
import { simulate } from './simulate.ts';
import { CAPACITY, exceeded, withDemands } from './with-demands.ts';

vi.setConfig({ testTimeout });
const settings = simulations(0.06);

const fits = (node: GraphNode, tasks: number): boolean =>
  exceeded(Array.from({ length: tasks }, () => node)) === undefined;

/** Simulation itself throws when a launch takes more than there is, or when a run stands still. */
it('runs every task to the end, never over a limit, whatever steps ask for', () => {
  const scenario = fc.record({
    graph: anyGraph,
    outcomes: fc.integer(),
    demands: fc.integer(),
    seed: fc.integer(),
    failing: fc.constantFrom(0, 0.1),
    flaky: fc.constantFrom(0, 0.3),
  });
  fc.assert(
    fc.property(scenario, ({ graph: plain, outcomes, demands, failing, ...rest }) => {
      const graph = withDemands(plain, demands);
      const oracle = randomOracle(graph, outcomes, { failing, fits, streaming: 0.5 });
      const drawn = { graph, oracle, ...rest, ...CAPACITY, onFailure: 'continue' as const };
      const history = simulate({ ...drawn, streaming: 0.5, hasDemands: true });
      expect([...history.tasks.keys()].toSorted()).toEqual(
        [...interpret(graph, oracle).tasks.keys()].toSorted(),
      );
    }),
    settings,
  );
});

// The gate alone, with tasks that are nothing but a demand.

const POOLS: readonly Pool[] = [
  { kind: 'limit', name: 'api', capacity: 2 },
  { kind: 'memory', capacity: 6 },
  { kind: 'io', capacity: 2 },
  { kind: 'cpu', capacity: 4 },
];

const anyDemand = fc
  .tuple(...POOLS.map(({ capacity }) => fc.integer({ min: 0, max: capacity })))
  .map((amounts) => demandOf(amounts))
  .filter((demand) => demand.length > 0);

function demandOf(amounts: readonly number[]): Demand {
  return POOLS.map((pool, n) => ({ pool, amount: amounts[n] ?? 0 })).filter(
    ({ amount }) => amount > 0,
  );
}

interface Person {
  readonly id: number;
  readonly demand: Demand;
  passed: number;
}

/** The turnstiles of DESIGN's admission, with nothing kept but who runs and who waits. */
class Turnstiles {
  readonly waiting: Person[] = [];
  readonly running: Person[] = [];

  arrive(id: number, demand: Demand): void {
    this.waiting.push({ id, demand, passed: 0 });
  }

  start(): number[] {
    const started: number[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.waiting.splice(this.waiting.indexOf(next), 1);
      this.running.push(next);
      started.push(next.id);
    }
    return started;
  }

  #next(): Person | undefined {
    const standing = new Set<Pool>();
    const seen = new Set<Demand>();
    for (const person of this.waiting) {
      if (seen.has(person.demand)) continue;
      seen.add(person.demand);
      while (person.passed < person.demand.length) {
        const { pool, amount } = person.demand[person.passed]!;
        if (standing.has(pool) || this.#taken(pool) + amount > pool.capacity) {
          standing.add(pool);
          break;
        }
        person.passed += 1;
      }
      if (person.passed === person.demand.length) return person;
    }
    return undefined;
  }

  #taken(pool: Pool): number {
    const needs = [
      ...this.running.flatMap(({ demand }) => demand),
      ...this.waiting.flatMap(({ demand, passed }) => demand.slice(0, passed)),
    ];
    return needs.reduce((sum, need) => sum + (need.pool === pool ? need.amount : 0), 0);
  }
}

/** An admission whose tasks are numbers. */
function openGate() {
  const demands = new Map<Task | OpenForeach, Demand>();
  const ids = new Map<Task, number>();
  const tasks = new Map<number, Task>();
  const gate = new Admission({
    demandOf: (entry) => demands.get(entry) ?? [],
    depthOf: () => 0,
    makeItem: () => {
      throw new Error('there are no items here');
    },
  });
  return {
    gate,
    arrive(id: number, demand: Demand): void {
      // The gate never looks into a task.
      const task = { id } as unknown as Task;
      demands.set(task, demand);
      ids.set(task, id);
      tasks.set(id, task);
      gate.push(task);
    },
    start(): number[] {
      const started: number[] = [];
      for (let next = gate.next(); next !== undefined; next = gate.next()) {
        started.push(ids.get(next.task)!);
      }
      return started;
    },
    end(id: number): void {
      gate.release(tasks.get(id)!);
    },
  };
}

it('admits exactly whom the turnstiles let pass, in their order', () => {
  const anyStep = fc.oneof(
    fc.record({ arrives: fc.nat(4) }),
    fc.record({ ends: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
  );
  fc.assert(
    fc.property(
      fc.array(anyDemand, { minLength: 5, maxLength: 5 }),
      fc.array(anyStep, { maxLength: 60 }),
      (demands, steps) => {
        const truth = new Turnstiles();
        const gate = openGate();
        steps.forEach((step, id) => {
          if ('arrives' in step) {
            const demand = demands[step.arrives]!;
            truth.arrive(id, demand);
            gate.arrive(id, demand);
          } else if (truth.running.length > 0) {
            const at = Math.floor(step.ends * truth.running.length);
            const [ended] = truth.running.splice(at, 1);
            gate.end(ended!.id);
          }
          expect(gate.start()).toEqual(truth.start());
        });
        expect(gate.gate.isEmpty).toBe(truth.waiting.length === 0);
      },
    ),
    settings,
  );
});

it('lets everybody start in bounded time, however many small tasks keep coming', () => {
  fc.assert(
    fc.property(
      anyDemand,
      fc.array(anyDemand, { minLength: 1, maxLength: 6 }),
      fc.array(anyDemand, { maxLength: 6 }),
      (wanted, small, before) => {
        const gate = openGate();
        before.forEach((demand, id) => gate.arrive(id, demand));
        const running = gate.start();
        const me = before.length;
        gate.arrive(me, wanted);
        running.push(...gate.start());
        // Whoever runs ends in turn, and for each that ends several new ones come.
        for (let round = 0; !running.includes(me); round += 1) {
          if (round > 200) throw new Error(`still waiting, while ${running.length} run`);
          small.forEach((demand, n) => gate.arrive(1_000 + round * small.length + n, demand));
          gate.end(running.shift()!);
          running.push(...gate.start());
        }
      },
    ),
    settings,
  );
});

it('forgets what waited with something in its hands when the run stops', () => {
  const gate = openGate();
  gate.arrive(0, demandOf([0, 0, 0, 4]));
  gate.arrive(1, demandOf([2, 6, 0, 1]));
  expect(gate.start()).toEqual([0]);
  gate.gate.clear();
  gate.arrive(2, demandOf([2, 6, 0, 0]));
  expect(gate.start()).toEqual([2]);
});
