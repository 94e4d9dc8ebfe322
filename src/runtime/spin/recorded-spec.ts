import type { ResolvedParameters } from '../../model/definition.ts';
import type { RunStarted } from '../../model/events.ts';
import type { FlowGraph, GraphNode } from '../../model/graph.ts';
import type { TaskId } from '../../model/ids.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { TaskSpec } from '../../model/task.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { buildTaskSpec } from '../task-spec.ts';
import { requireInputs } from './require-inputs.ts';

export interface RecordedTask {
  readonly origin: RunStarted;
  /** The origin's graph, and its scheduler as it was when it launched the task. */
  readonly graph: FlowGraph;
  readonly scheduler: Scheduler;
  readonly task: TaskId;
  readonly node: GraphNode;
  readonly parameters: ResolvedParameters;
}

/** What a run gave the task. Throws FlowError `INPUTS_GONE` where it is not all there any more. */
export async function recordedSpec(recorded: RecordedTask, blobs: BlobStore): Promise<TaskSpec> {
  const { origin, node, task } = recorded;
  const run = { id: origin.run, flow: origin.flow, tags: origin.tags };
  const parts = { ...recorded, run, options: origin.options, tempDir: '', blobs };
  const spec = await buildTaskSpec(parts, node, { ...task, attempt: 1 });
  await requireInputs(spec, blobs);
  return spec;
}
