import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type CurrentFacts, setCurrent } from '../flow/current.ts';
import type { StepHost } from '../flow/step-host.ts';
import { taskPath } from '../model/ids.ts';
import type { TaskSpec } from '../model/task.ts';

export interface RunningTask {
  readonly spec: TaskSpec;
  readonly instance: object;
  readonly host: Pick<StepHost, 'stack'>;
  /** Called when the step first asks for the signal. */
  readonly openSignal: () => AbortSignal;
  /** Called when the step first asks for its temporary folder. */
  readonly onTempDir?: (() => void) | undefined;
}

/** Fills `current` for the task. */
export function publishCurrent(task: RunningTask): void {
  setCurrent(new TaskFacts(task));
}

/**
 * What costs something is made when it is first read. A class, not a literal: a literal with getters gives
 * each task a shape of its own, which V8 keeps, and with it the task, until it next collects everything.
 */
class TaskFacts implements CurrentFacts {
  readonly #task: RunningTask;
  readonly flowName: string;
  readonly runId: string;
  readonly stepName: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly tags: readonly string[];

  constructor(task: RunningTask) {
    const { spec } = task;
    this.#task = task;
    this.flowName = spec.run.flow;
    this.runId = spec.run.id;
    this.stepName = spec.step;
    this.taskId = spec.position;
    this.attempt = spec.attempt;
    this.tags = spec.run.tags;
  }

  get pathspec() {
    return `${this.flowName}/${this.#path}`;
  }

  get #path() {
    return `${this.runId}/${taskPath(this.#task.spec)}`;
  }

  get foreachStack() {
    return this.#task.host.stack;
  }

  get signal() {
    return this.#task.openSignal();
  }

  get parallel() {
    const { parallel } = this.#task.spec;
    return parallel && { ...parallel, isControl: parallel.index === 0 };
  }

  get parameters() {
    return readParameters(this.#task);
  }

  get tempDir() {
    const { spec, onTempDir } = this.#task;
    // The parent removes it after the attempt.
    onTempDir?.();
    mkdirSync(spec.tempDir, { recursive: true, mode: 0o700 });
    return spec.tempDir;
  }

  get idempotencyKey() {
    return createHash('sha256').update(this.#path).digest('hex').slice(0, 32);
  }
}

function readParameters({ spec, instance }: RunningTask): { readonly [name: string]: unknown } {
  const names = Object.keys(spec.parameters);
  return Object.freeze(
    Object.fromEntries(names.map((name) => [name, Reflect.get(instance, name)])),
  );
}
