import { InternalError } from '../../model/errors.ts';
import type { FailedTask } from '../../model/events.ts';
import type { Task } from './state.ts';

export function unexpectedAnswer(event: FailedTask, task: Task): InternalError {
  const { step, position, attempt } = event;
  return new InternalError(
    `attempt ${attempt} of ${step}/${position} is answered while attempt ${task.attempt} is ${task.phase}`,
  );
}
