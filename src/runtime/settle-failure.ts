import type { AfterFailure } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { GraphNode } from '../model/graph.ts';
import type { TaskId } from '../model/ids.ts';
import { encodeArtifact } from '../store/artifacts.ts';
import type { RunParts } from './run-parts.ts';
import { decideAfterFailure } from './scheduler/after-failure.ts';

export interface FailedLaunch {
  readonly task: TaskId & { readonly attempt: number };
  readonly node: GraphNode;
  readonly failure: Failure;
  readonly placements: number;
}

/** The scheduler's decision, with the artifact that a caught failure becomes. */
export async function settleFailure(parts: RunParts, failed: FailedLaunch): Promise<AfterFailure> {
  const { task, node, failure, placements } = failed;
  const decision = decideAfterFailure({
    run: parts.run.id,
    task,
    node,
    failure,
    attempt: task.attempt,
    placements,
  });
  if (decision.kind !== 'catch') return decision;
  const { field, transition } = decision;
  // A case that leads back is no way on for ever.
  if (parts.scheduler.checkTransition(task, transition) !== undefined) return { kind: 'give-up' };
  const changes = { [field]: await encodeArtifact(failure, parts.blobs) };
  return { kind: 'catch', changes, transition };
}
