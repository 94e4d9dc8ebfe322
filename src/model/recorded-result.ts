import type { FlowEvent } from './events.ts';
import type { TaskId } from './ids.ts';
import type { TaskResult } from './task.ts';

/** What a task left, as one event tells it. */
export interface RecordedResult extends TaskResult {
  readonly task: TaskId;
}

/** The result that the event brings its task, if it ends it well (a caught failure does). */
export function resultOf(event: FlowEvent): RecordedResult | undefined {
  if (event.type === 'task.succeeded' || event.type === 'task.cloned')
    return recorded(event, event);
  if (event.type !== 'task.failed' || event.then.kind !== 'catch') return undefined;
  return recorded(event, event.then);
}

function recorded({ step, position }: TaskId, result: TaskResult): RecordedResult {
  const { changes, transition } = result;
  return { task: { step, position }, changes, transition };
}
