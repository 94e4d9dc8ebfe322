import type { GraphNode } from '../../model/graph.ts';
import type { TaskId } from '../../model/ids.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { TaskInputs } from './same-inputs.ts';

/** What the scheduler would start the task with. */
export function readInputs(scheduler: Scheduler, task: TaskId, node: GraphNode): TaskInputs {
  const inputs = { start: scheduler.startOf(task), frames: scheduler.framesOf(task) };
  return node.takes === 'inputs' ? { ...inputs, join: scheduler.joinOf(task) } : inputs;
}
