import type { FlowClass } from '../flow/steps.ts';
import { type OpenedClass, openClass } from '../runtime/open-class.ts';
import { soundGraph } from '../runtime/sound-graph.ts';
import { openInlineClass } from '../worker/inline/inline-worker.ts';
import { type ReadFlow, requireFlow } from './read-flow.ts';
import { knownConfigs } from './with-configs.ts';

export interface OpenedInline extends OpenedClass {
  readonly read: ReadFlow;
}

/** A flow as a run opens it that has no file. Throws FlowError `FLOW_NOT_FOUND`, `FLOW_INVALID`. */
export function openInline(flow: FlowClass, store: string): OpenedInline {
  const configs = knownConfigs();
  const opened = openClass({ loaded: requireFlow(flow), store }, (request) =>
    openInlineClass({ ...request, configs }),
  );
  const { exitHooks: _hooks, ...definition } = opened.definition;
  return { ...opened, definition, read: { flow, definition, graph: soundGraph(opened) } };
}
