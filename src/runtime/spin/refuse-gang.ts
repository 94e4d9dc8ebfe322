import { FlowError } from '../../model/errors.ts';
import type { FlowGraph } from '../../model/graph.ts';
import { type TaskId, taskPath } from '../../model/ids.ts';

/** Throws FlowError `SPIN_GANG`: a task of a gang would wait for others that do not run. */
export function refuseGang({ edges }: FlowGraph, task: TaskId): void {
  const gang = edges.find(({ kind, to }) => kind === 'gang' && to === task.step);
  if (gang === undefined) return;
  throw new FlowError(`${taskPath(task)} is a task of a gang, which runs only as a whole.`, {
    code: 'SPIN_GANG',
    hint: `run the gang again with flow resume FILE --rerun ${taskPath(task)}`,
  });
}
