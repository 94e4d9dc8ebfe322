import { scanJournal } from '../../journal/read.ts';
import type { FlowEvent } from '../../model/events.ts';
import type { FlowGraph } from '../../model/graph.ts';
import { type OriginRun, replayOrigin } from './origin-run.ts';

/** The run in this folder, with the graph that it was started with. */
export function readOrigin(dir: string, graph: FlowGraph): OriginRun {
  return replayOrigin(knownEvents(dir), graph);
}

function* knownEvents(dir: string): Generator<FlowEvent> {
  for (const { event } of scanJournal(dir)) if (event !== undefined) yield event;
}
