import { didYouMean } from '../base/suggest.ts';
import { mutateFlow } from '../flow/mutators/mutate-flow.ts';
import { describeFlow } from '../flow/registry.ts';
import { type FlowClass, isFlowClass } from '../flow/steps.ts';
import type { FlowDefinition } from '../model/definition.ts';
import { FlowError } from '../model/errors.ts';
import type { FlowGraph, GraphNode } from '../model/graph.ts';
import { parseClass } from '../runtime/open-class.ts';
import { soundGraph } from '../runtime/sound-graph.ts';

/** A flow's class as a run would see it. */
export interface ReadFlow {
  readonly flow: FlowClass;
  readonly definition: FlowDefinition;
  readonly graph: FlowGraph;
}

/** Throws FlowError `FLOW_NOT_FOUND`, and `FLOW_INVALID` with all mistakes, as `flow check` finds them. */
export function readFlow(flow: FlowClass): ReadFlow {
  mutateFlow(requireFlow(flow), flow.name);
  const definition = describeFlow(flow);
  return { flow, definition, graph: soundGraph({ definition, ...parseClass(definition) }) };
}

/** Throws FlowError `FLOW_NOT_FOUND`. */
export function requireFlow(flow: FlowClass): FlowClass {
  if (isFlowClass(flow)) return flow;
  throw new FlowError('What is tested is no flow.', {
    code: 'FLOW_NOT_FOUND',
    hint: 'give the class itself, which extends FlowSpec; is it exported by the module that you import?',
  });
}

/** Throws FlowError `STEP_UNKNOWN`. */
export function nodeOf({ flow, nodes }: FlowGraph, step: string): GraphNode {
  const node = nodes.find(({ name }) => name === step);
  if (node !== undefined) return node;
  const names = nodes.map(({ name }) => name);
  throw new FlowError(`${flow} has no step "${step}".`, {
    code: 'STEP_UNKNOWN',
    hint: didYouMean(step, names) ?? `its steps are ${names.join(', ')}`,
  });
}
