import type { GraphNode } from '../../model/graph.ts';
import { type Capacity, compileDemands, type Demand } from './demand.ts';

const NOTHING: Demand = [];

/** What the tasks of a run take, and its gangs: those of one step and size have the very same demand. */
export class StepDemands {
  readonly #steps: ReadonlyMap<string, Demand>;
  readonly #gangs = new Map<Demand, Map<number, Demand>>();

  constructor(nodes: readonly GraphNode[], capacity: Capacity) {
    this.#steps = compileDemands(nodes, capacity);
  }

  /** Of one task, or of so many at the same time. */
  of(step: string, tasks = 1): Demand {
    const single = this.#steps.get(step) ?? NOTHING;
    if (tasks === 1) return single;
    let bySize = this.#gangs.get(single);
    if (bySize === undefined) this.#gangs.set(single, (bySize = new Map()));
    let demand = bySize.get(tasks);
    if (demand === undefined) {
      demand = single.map(({ pool, amount }) => ({ pool, amount: amount * tasks }));
      bySize.set(tasks, demand);
    }
    return demand;
  }
}
