import { assertNever } from '../base/assert-never.ts';
import type { ArtifactChanges } from './artifact.ts';
import type { EventOf, FailedTask, FlowEvent, RunStarted, TaskEvent, Usage } from './events.ts';
import type { Failure } from './failure.ts';
import { type Position, type TaskPath, taskPath } from './ids.ts';
import { openedBy } from './recorded-result.ts';
import type { TaskResult } from './task.ts';
import { taskEventsOf } from './task-events.ts';

/**
 * A run as its events tell it: the one fold that consoles and the client share. The view is owned
 * and updated in place by `foldEvent`, O(1) per event. Whether a run without a last event still runs
 * or is lost, the events cannot say: that is decided by who reads its lock.
 */
export interface RunView {
  /** Undefined before the first event. */
  readonly started: RunStarted | undefined;
  readonly end: RunEnd | undefined;
  /** Why nothing new starts any more, if so. */
  readonly stopping: string | undefined;
  readonly lastSeq: number;
  readonly lastAt: number;
  /** In order of the first launch. */
  readonly steps: ReadonlyMap<string, StepView>;
  readonly tasks: ReadonlyMap<TaskPath, TaskView>;
}

export type RunEnd =
  | { readonly status: 'succeeded'; readonly at: number }
  | {
      readonly status: 'failed';
      readonly at: number;
      readonly failure: Failure;
      readonly task?: FailedTask;
    }
  | { readonly status: 'cancelled'; readonly at: number; readonly reason: string };

/** Numbers of tasks, save `retried`: attempts that were followed by another one. */
export interface StepView {
  readonly running: number;
  /** A failure that `@catchError` took counts as success. */
  readonly succeeded: number;
  readonly failed: number;
  readonly cloned: number;
  readonly retried: number;
}

/** A task as the events tell it. */
export interface TaskView {
  readonly step: string;
  readonly position: Position;
  /** `waiting`: an attempt failed and another one will come. */
  readonly status: 'running' | 'waiting' | 'succeeded' | 'failed' | 'cloned';
  /** Empty for a clone: no process ran. */
  readonly attempts: readonly AttemptView[];
  /** What the task left, once it ended well. */
  readonly result: TaskResult | undefined;
  /** What the items of a foreach over an async iterable start with, before its end. */
  readonly opened: TaskResult | undefined;
}

/** One try of a task. Times are milliseconds since the epoch. */
export interface AttemptView {
  readonly attempt: number;
  readonly launchedAt: number;
  readonly pid: number | undefined;
  readonly endedAt: number | undefined;
  readonly failure: Failure | undefined;
  /** What a failed attempt had set: readable here, seen by nobody downstream. */
  readonly changes: ArtifactChanges | undefined;
  readonly usage: Usage | undefined;
}

/** `outcomes` keeps no artifacts and no transitions: for consoles that stay through long runs. */
export type RunViewDetail = 'results' | 'outcomes';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface MutableTask extends Mutable<Omit<TaskView, 'attempts'>> {
  readonly attempts: Mutable<AttemptView>[];
}

/** Builds a {@link RunView} from the events of one run, in order. */
export class RunFold {
  readonly #detail: RunViewDetail;
  readonly #steps = new Map<string, Mutable<StepView>>();
  readonly #tasks = new Map<TaskPath, MutableTask>();
  readonly #view: Mutable<RunView>;

  constructor(detail: RunViewDetail = 'results') {
    this.#detail = detail;
    this.#view = {
      started: undefined,
      end: undefined,
      stopping: undefined,
      lastSeq: 0,
      lastAt: 0,
      steps: this.#steps,
      tasks: this.#tasks,
    };
  }

  /** Always the same object; it goes on as events are applied. */
  get view(): RunView {
    return this.#view;
  }

  apply(event: FlowEvent): void {
    const view = this.#view;
    view.lastSeq = event.seq;
    view.lastAt = event.at;
    switch (event.type) {
      case 'run.started':
        view.started = event;
        return;
      case 'run.stopping':
        view.stopping = event.reason;
        return;
      case 'run.succeeded':
      case 'run.failed':
      case 'run.cancelled':
        view.end = endOf(event);
        return;
      case 'task.launched':
      case 'task.succeeded':
      case 'task.failed':
      case 'task.cloned':
      case 'foreach.opened':
      case 'foreach.yielded':
      case 'gang.succeeded':
      case 'gang.failed':
        for (const one of taskEventsOf(event)) this.#applyTaskEvent(one);
        return;
      // They come after the end, and change nothing of it.
      case 'hook.started':
      case 'hook.succeeded':
      case 'hook.failed':
        return;
      default:
        assertNever(event);
    }
  }

  #applyTaskEvent(event: TaskEvent): void {
    const step = this.#step(event.step);
    const task = this.#task(event);
    switch (event.type) {
      case 'task.launched':
        step.running += 1;
        task.status = 'running';
        task.attempts.push(launchedAttempt(event));
        return;
      case 'task.cloned':
        step.cloned += 1;
        task.status = 'cloned';
        task.result = this.#kept(event);
        return;
      case 'foreach.opened':
        task.opened = this.#kept(openedBy(event));
        return;
      case 'foreach.yielded':
        return;
      case 'task.succeeded':
        step.running -= 1;
        step.succeeded += 1;
        task.status = 'succeeded';
        task.result = this.#kept(event);
        endAttempt(task, event);
        return;
      case 'task.failed':
        step.running -= 1;
        this.#failAttempt(endAttempt(task, event), event);
        this.#settleFailure(event, step, task);
        return;
      default:
        assertNever(event);
    }
  }

  #failAttempt(attempt: Mutable<AttemptView> | undefined, event: EventOf<'task.failed'>): void {
    if (attempt === undefined) return;
    attempt.failure = event.failure;
    if (this.#detail === 'results') attempt.changes = event.changes;
  }

  #settleFailure(
    { then }: EventOf<'task.failed'>,
    step: Mutable<StepView>,
    task: MutableTask,
  ): void {
    switch (then.kind) {
      case 'retry':
        step.retried += 1;
        task.status = 'waiting';
        return;
      case 'replace':
        task.status = 'waiting';
        return;
      case 'catch':
        step.succeeded += 1;
        task.status = 'succeeded';
        task.result = this.#kept(then);
        return;
      case 'give-up':
        step.failed += 1;
        task.status = 'failed';
        return;
      default:
        assertNever(then);
    }
  }

  #kept({ changes, transition }: TaskResult): TaskResult | undefined {
    return this.#detail === 'results' ? { changes, transition } : undefined;
  }

  #step(name: string): Mutable<StepView> {
    let step = this.#steps.get(name);
    if (step === undefined) {
      step = { running: 0, succeeded: 0, failed: 0, cloned: 0, retried: 0 };
      this.#steps.set(name, step);
    }
    return step;
  }

  #task({ step, position }: TaskEvent): MutableTask {
    const path = taskPath({ step, position });
    let task = this.#tasks.get(path);
    if (task === undefined) {
      task = {
        step,
        position,
        status: 'running',
        attempts: [],
        result: undefined,
        opened: undefined,
      };
      this.#tasks.set(path, task);
    }
    return task;
  }
}

function endOf(event: EventOf<'run.succeeded' | 'run.failed' | 'run.cancelled'>): RunEnd {
  const { at } = event;
  switch (event.type) {
    case 'run.succeeded':
      return { status: 'succeeded', at };
    case 'run.cancelled':
      return { status: 'cancelled', at, reason: event.reason };
    case 'run.failed': {
      const { failure, task } = event;
      return { status: 'failed', at, failure, ...(task === undefined ? {} : { task }) };
    }
    default:
      return assertNever(event);
  }
}

function launchedAttempt(event: EventOf<'task.launched'>): Mutable<AttemptView> {
  return {
    attempt: event.attempt,
    launchedAt: event.at,
    pid: event.pid,
    endedAt: undefined,
    failure: undefined,
    changes: undefined,
    usage: undefined,
  };
}

function endAttempt(
  task: MutableTask,
  event: EventOf<'task.succeeded' | 'task.failed'>,
): Mutable<AttemptView> | undefined {
  const attempt = task.attempts.at(-1);
  if (attempt === undefined) return undefined;
  attempt.endedAt = event.at;
  attempt.usage = event.usage;
  return attempt;
}
