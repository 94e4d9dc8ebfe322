import { FleetingMap } from '../../base/fleeting.ts';
import { InternalError } from '../../model/errors.ts';
import type { AfterFailure, FailedTask } from '../../model/events.ts';
import type { Failure } from '../../model/failure.ts';
import { type TaskId, type TaskPath, taskPath } from '../../model/ids.ts';
import { idOf, isInFlight, type Task, type Unit } from './state.ts';
import { unexpectedAnswer } from './unexpected-answer.ts';

/** One unit's failure. Of a gang, `task` is the member that failed first. */
export interface FailedUnit {
  readonly unit: Unit;
  readonly task: FailedTask;
  readonly failure: Failure;
  readonly then: AfterFailure;
}

/** Tasks from their launch to their end. */
export class TaskTable {
  readonly #tasks = new FleetingMap<TaskPath, Task>();

  add(task: Task): void {
    this.#tasks.set(taskPath(idOf(task)), task);
  }

  remove(task: Task): void {
    this.#tasks.delete(taskPath(idOf(task)));
  }

  get(id: TaskId): Task | undefined {
    return this.#tasks.get(taskPath(id));
  }

  /** Throws where no such task is under way: the caller tells of nothing that we asked for. */
  find(id: TaskId): Task {
    const task = this.get(id);
    if (task === undefined) throw new InternalError(`no task ${taskPath(id)} is under way`);
    return task;
  }

  /** The same, where it must be this attempt that is in flight. */
  findInFlight(id: FailedTask): Task {
    const task = this.find(id);
    if (!isInFlight(task) || task.attempt !== id.attempt) throw unexpectedAnswer(id, task);
    return task;
  }

  /** All members of a gang, as an event names them. */
  findGang(ids: readonly FailedTask[]): Unit {
    const tasks = ids.map((id) => this.findInFlight(id));
    const gang = tasks[0]?.gang;
    if (gang === undefined || !gang.every((task, n) => task === tasks[n])) {
      throw new InternalError(
        `an event of ${ids[0]?.step} tells of other tasks than those of its gang`,
      );
    }
    return gang;
  }

  all(): Iterable<Task> {
    return this.#tasks.values();
  }

  list(isWanted: (task: Task) => boolean): readonly FailedTask[] {
    return this.#tasks.values().filter(isWanted).map(idOf);
  }
}
