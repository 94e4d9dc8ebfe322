import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { setCurrent } from '../flow/current.ts';
import type { ForeachFrame } from '../flow/step-host.ts';
import { taskPath } from '../model/ids.ts';
import type { TaskSpec } from '../model/task.ts';

export interface RunningTask {
  readonly spec: TaskSpec;
  readonly instance: object;
  readonly stack: readonly ForeachFrame[];
  /** Called when the step first asks for the signal. */
  readonly openSignal: () => AbortSignal;
  /** Called when the step first asks for its temporary folder. */
  readonly onTempDir?: (() => void) | undefined;
}

/** Fills `current` for the task. What costs something is made when it is first read. */
export function publishCurrent(task: RunningTask): void {
  const { spec, instance, stack, openSignal, onTempDir } = task;
  const { run, step, attempt, position } = spec;
  const path = taskPath(spec);
  setCurrent({
    flowName: run.flow,
    runId: run.id,
    stepName: step,
    taskId: position,
    pathspec: `${run.flow}/${run.id}/${path}`,
    attempt,
    tags: run.tags,
    get signal() {
      return openSignal();
    },
    foreachStack: stack,
    parallel: spec.parallel && { ...spec.parallel, isControl: spec.parallel.index === 0 },
    get parameters() {
      return readParameters(spec, instance);
    },
    get tempDir() {
      // The parent removes it after the attempt.
      onTempDir?.();
      mkdirSync(spec.tempDir, { recursive: true, mode: 0o700 });
      return spec.tempDir;
    },
    get idempotencyKey() {
      return createHash('sha256').update(`${run.id}/${path}`).digest('hex').slice(0, 32);
    },
  });
}

function readParameters(spec: TaskSpec, instance: object): { readonly [name: string]: unknown } {
  const names = Object.keys(spec.parameters);
  return Object.freeze(
    Object.fromEntries(names.map((name) => [name, Reflect.get(instance, name)])),
  );
}
