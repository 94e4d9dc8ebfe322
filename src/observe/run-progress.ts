import { FleetingMap } from '../base/fleeting.ts';
import type { EventOf, FlowEvent, TaskEvent, Usage } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { FlowGraph } from '../model/graph.ts';
import { type RunId, type TaskPath, taskPath } from '../model/ids.ts';
import type { LogText } from '../model/reader.ts';
import { taskEventsOf } from '../model/task-events.ts';

/**
 * What the consoles know of a run: a fold over its events. It holds steps, running tasks and a few
 * failures, never all tasks, so a foreach of 100,000 items costs no memory here.
 */
export interface StepProgress {
  readonly name: string;
  /** Inside a foreach: how many tasks are known to come; grows while outer items still split. */
  expected: number | undefined;
  launched: number;
  succeeded: number;
  failed: number;
  cloned: number;
  /** Failed attempts that were tried again. */
  retried: number;
  /** Of all attempts together. */
  cpuMs: number;
  /** Of the largest attempt. */
  peakRssBytes: number;
  /** Of the first launch and of the last end so far. */
  firstAt: number | undefined;
  lastAt: number | undefined;
}

export interface RunningTask {
  readonly path: TaskPath;
  readonly step: string;
  readonly attempt: number;
  readonly launchedAt: number;
  /** Its last lines, oldest first. */
  readonly tail: string[];
}

export interface TaskFailed {
  readonly path: TaskPath;
  readonly attempt: number;
  readonly failure: Failure;
  readonly tail: readonly string[];
}

export interface HookFailed {
  readonly hook: string;
  readonly failure: Failure;
}

export type RunEnd = EventOf<'run.succeeded' | 'run.failed' | 'run.cancelled'>;

const TAIL_LINES = 10;
const KEPT_FAILURES = 3;

export class RunProgress {
  readonly steps = new Map<string, StepProgress>();
  readonly running = new FleetingMap<TaskPath, RunningTask>();
  /** The first tasks that failed for good; `failedTasks` counts them all. */
  readonly failures: TaskFailed[] = [];
  failedTasks = 0;
  readonly hookFailures: HookFailed[] = [];
  run: RunId | undefined;
  flow = '';
  startedAt: number | undefined;
  end: RunEnd | undefined;
  stopping: string | undefined;
  /** By tasks that yield: items that are counted already. */
  readonly #yielded = new Map<TaskPath, number>();
  /** The steps whose number of tasks the foreach of a step decides. */
  readonly #counted = new Map<string, string[]>();

  readGraph(graph: FlowGraph): void {
    for (const node of graph.nodes) {
      this.#step(node.name);
      const level = node.levels.at(-1);
      if (level?.kind !== 'foreach') continue;
      const counted = this.#counted.get(level.step) ?? [];
      this.#counted.set(level.step, [...counted, node.name]);
    }
  }

  readEvent(event: FlowEvent): void {
    this.run = event.run;
    switch (event.type) {
      case 'run.started':
        this.flow = event.flow;
        this.startedAt = event.at;
        return;
      case 'run.stopping':
        this.stopping = event.reason;
        return;
      case 'run.succeeded':
      case 'run.failed':
      case 'run.cancelled':
        this.end = event;
        return;
      case 'task.launched':
      case 'task.succeeded':
      case 'task.failed':
      case 'task.cloned':
      case 'foreach.opened':
      case 'foreach.yielded':
      case 'gang.succeeded':
        for (const one of taskEventsOf(event)) this.#readTask(one);
        return;
      case 'gang.failed':
        // The others only ended with it.
        for (const one of taskEventsOf(event)) this.#readTask(one, one.position === event.failed);
        return;
      case 'hook.failed':
        this.hookFailures.push({ hook: event.hook, failure: event.failure });
        return;
      case 'hook.started':
      case 'hook.succeeded':
    }
  }

  readLog(log: LogText): void {
    const task = this.running.get(taskPath(log));
    if (task === undefined) return;
    task.tail.push(...lastLines(log.text));
    task.tail.splice(0, task.tail.length - TAIL_LINES);
  }

  #readTask(event: TaskEvent, isToTell = true): void {
    if (event.type === 'foreach.opened') return;
    const step = this.#step(event.step);
    const path = taskPath(event);
    step.firstAt ??= event.at;
    switch (event.type) {
      case 'task.launched':
        if (event.attempt === 1) step.launched += 1;
        this.running.set(path, {
          path,
          step: event.step,
          attempt: event.attempt,
          launchedAt: event.at,
          tail: [],
        });
        return;
      case 'foreach.yielded':
        this.#yielded.set(path, (this.#yielded.get(path) ?? 0) + event.page.count);
        this.#countItems(event.step, event.page.count);
        return;
      case 'task.succeeded':
        step.succeeded += 1;
        this.#countSplit(event, path);
        break;
      case 'task.cloned':
        step.cloned += 1;
        this.#countSplit(event, path);
        break;
      case 'task.failed':
        this.#countFailure(event, step);
        if (isToTell && event.then.kind === 'give-up') this.#keepFailure(event);
        break;
    }
    step.lastAt = event.at;
    if (event.type !== 'task.cloned') addUsage(step, event.usage);
    this.running.delete(path);
  }

  #countFailure({ then }: EventOf<'task.failed'>, step: StepProgress): void {
    switch (then.kind) {
      case 'retry':
      case 'replace':
        step.retried += 1;
        return;
      case 'catch':
        step.succeeded += 1;
        return;
      case 'give-up':
        step.failed += 1;
    }
  }

  #keepFailure(event: EventOf<'task.failed'>): void {
    this.failedTasks += 1;
    if (this.failures.length === KEPT_FAILURES) return;
    const path = taskPath(event);
    const tail = this.running.get(path)?.tail ?? [];
    this.failures.push({ path, attempt: event.attempt, failure: event.failure, tail });
  }

  #countSplit({ step, transition }: EventOf<'task.succeeded' | 'task.cloned'>, path: TaskPath) {
    if (transition.kind !== 'foreach' && transition.kind !== 'gang') return;
    this.#countItems(step, transition.size - (this.#yielded.get(path) ?? 0));
    this.#yielded.delete(path);
  }

  #countItems(step: string, count: number): void {
    for (const name of this.#counted.get(step) ?? []) {
      const inside = this.#step(name);
      inside.expected = (inside.expected ?? 0) + count;
    }
  }

  #step(name: string): StepProgress {
    const known = this.steps.get(name);
    if (known !== undefined) return known;
    const step: StepProgress = {
      name,
      expected: undefined,
      launched: 0,
      succeeded: 0,
      failed: 0,
      cloned: 0,
      retried: 0,
      cpuMs: 0,
      peakRssBytes: 0,
      firstAt: undefined,
      lastAt: undefined,
    };
    this.steps.set(name, step);
    return step;
  }
}

function addUsage(step: StepProgress, usage: Usage | undefined): void {
  step.cpuMs += usage?.cpuMs ?? 0;
  step.peakRssBytes = Math.max(step.peakRssBytes, usage?.peakRssBytes ?? 0);
}

/** At most as many as a tail holds; of a long text only its end is looked at. */
function lastLines(text: string): readonly string[] {
  let start = text.length;
  for (let lines = 0; lines < TAIL_LINES && start >= 0; lines += 1) {
    start = start === 0 ? -1 : text.lastIndexOf('\n', start - 1);
  }
  return text.slice(start + 1).split('\n');
}
