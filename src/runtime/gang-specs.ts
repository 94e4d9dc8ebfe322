import type { FailedTask } from '../model/events.ts';
import type { GraphNode } from '../model/graph.ts';
import type { TaskSpec } from '../model/task.ts';
import type { RunParts } from './run-parts.ts';
import { buildTaskSpec } from './task-spec.ts';

export interface GangAttempt {
  /** In index order. */
  readonly members: readonly FailedTask[];
  readonly mainAddress: string;
}

/** Each member knows its place in the gang, and where all of them meet. */
export async function buildGangSpecs(
  parts: RunParts,
  node: GraphNode,
  { members, mainAddress }: GangAttempt,
): Promise<readonly TaskSpec[]> {
  const specs = await Promise.all(
    members.map(async (member) => buildTaskSpec(parts, node, member)),
  );
  const size = members.length;
  return specs.map((spec, index) => ({ ...spec, parallel: { index, size, mainAddress } }));
}
