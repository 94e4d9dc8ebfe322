import { scanJournal } from '../../journal/read.ts';
import type { FlowEvent } from '../../model/events.ts';
import type { FlowGraph } from '../../model/graph.ts';
import type { TaskPath } from '../../model/ids.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { type OriginRun, replayOrigin, replayUntil } from './origin-run.ts';

/** The run in this folder, with the graph that it was started with. */
export function readOrigin(dir: string, graph: FlowGraph): OriginRun {
  return replayOrigin(knownEvents(dir), graph);
}

/** The run's scheduler as it was when it launched that task; undefined where the record ends before. */
export function readOriginUntil(
  dir: string,
  graph: FlowGraph,
  task: TaskPath,
): Scheduler | undefined {
  return replayUntil(knownEvents(dir), graph, task);
}

function* knownEvents(dir: string): Generator<FlowEvent> {
  for (const { event } of scanJournal(dir)) if (event !== undefined) yield event;
}
