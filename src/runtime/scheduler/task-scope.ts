import { InternalError } from '../../model/errors.ts';
import {
  type ArtifactScope,
  EMPTY_SCOPE,
  type JoinedScope,
  joinScope,
} from '../../model/lineage.ts';
import type { Area, Task } from './state.ts';
import type { TaskRecord } from './task-record.ts';

/** What a task starts with; of a join, what no input changed since the fork. */
export function startScope(task: Task): ArtifactScope {
  if (task.step.node.takes === 'inputs') return joinedScope(task).scope;
  return task.inputs[0]?.scope ?? EMPTY_SCOPE;
}

function joinedScope(task: Task): JoinedScope {
  task.joined ??= joinScope(
    forkOf(task).scope,
    task.inputs.map((input) => input.scope),
  );
  return task.joined;
}

/** The fork ran in the join's own area, or last in a loop that was left since. */
function forkOf({ step, area }: Task): TaskRecord {
  const fork = step.fork;
  if (fork === undefined) throw new InternalError(`"${step.name}" joins nothing`);
  const loops = [];
  for (let region = fork.region; region !== area.region && region.parent !== undefined; ) {
    loops.push(region);
    region = region.parent;
  }
  let at: Area | undefined = area;
  for (const region of loops.toReversed()) at = at?.loops?.get(region)?.area;
  const record = at?.forks?.get(fork);
  if (record !== undefined) return record;
  // Rules that fire without live tokens may run a join whose fork was skipped: nothing to start from.
  return { step: fork.name, position: area.position, scope: EMPTY_SCOPE };
}

/** What a join is put together from. */
export interface JoinView extends JoinedScope {
  readonly fork: TaskRecord;
  /** In declaration or index order. */
  readonly inputs: readonly TaskRecord[];
}

export function joinView(task: Task): JoinView {
  return { fork: forkOf(task), inputs: task.inputs, ...joinedScope(task) };
}
