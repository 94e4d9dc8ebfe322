import type { EventOf, FlowEvent } from './events.ts';
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

/**
 * What a task left for the items of its foreach, of which it is not known yet how many there are. It
 * stands for a result where the task never ended well.
 */
export function openedBy(event: EventOf<'foreach.opened'>): RecordedResult {
  const { changes, to } = event;
  return recorded(event, { changes, transition: { kind: 'foreach', to, size: 0, pages: [] } });
}

function recorded({ step, position }: TaskId, result: TaskResult): RecordedResult {
  const { changes, transition } = result;
  return { task: { step, position }, changes, transition };
}
