import type { EventOf, FlowEvent } from './events.ts';
import type { TaskId } from './ids.ts';
import type { TaskResult } from './task.ts';
import { taskEventsOf } from './task-events.ts';

/** What a task left, as one event tells it. */
export interface RecordedResult extends TaskResult {
  readonly task: TaskId;
}

/** The results that the event brings its tasks, if it ends them well (a caught failure does). */
export function resultsOf(event: FlowEvent): readonly RecordedResult[] {
  const results: RecordedResult[] = [];
  for (const one of taskEventsOf(event)) {
    if (one.type === 'task.succeeded' || one.type === 'task.cloned') {
      results.push(recorded(one, one));
    } else if (one.type === 'task.failed' && one.then.kind === 'catch') {
      results.push(recorded(one, one.then));
    }
  }
  return results;
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
