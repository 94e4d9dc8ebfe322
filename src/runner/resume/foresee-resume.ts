import type { FlowGraph } from '../../model/graph.ts';
import type { RunId } from '../../model/ids.ts';
import { type Foreseen, foresee, type Limits } from '../../runtime/resume/foresee.ts';
import type { ResumePlan } from '../../runtime/resume/resume-plan.ts';

/** What a resume would do. */
export interface ForeseenResume {
  /** The run that it would go on from. */
  readonly origin: RunId;
  /**
   * What would become of each task, and why: `clone` is taken over, `run` runs, `depends` is taken
   * over if what runs above it leaves what it left before, `gone` is no longer made by the flow.
   */
  readonly tasks: readonly Foreseen[];
  /** Steps whose own source is another one. Nothing runs again for that alone. */
  readonly changed: readonly string[];
}

export function foreseeResume(plan: ResumePlan, graph: FlowGraph, limits: Limits): ForeseenResume {
  const { origin } = plan;
  return {
    origin: origin.run,
    tasks: foresee(plan, graph, limits).map(({ task, fate, why }) => ({ task, fate, why })),
    changed: changedSteps(origin.graph, graph),
  };
}

function changedSteps(before: FlowGraph, now: FlowGraph): readonly string[] {
  const sources = new Map(before.nodes.map(({ name, source }) => [name, source]));
  return now.nodes
    .filter(({ name, source }) => {
      const old = sources.get(name);
      return old !== undefined && source !== undefined && old !== source;
    })
    .map(({ name }) => name);
}
