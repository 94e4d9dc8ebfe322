import { AsyncLocalStorage } from 'node:async_hooks';
import { rm } from 'node:fs/promises';
import type { FlowClass } from '../flow/steps.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { TaskSpec } from '../model/task.ts';
import { setCurrentBlobs } from '../store/current-blobs.ts';
import { setHiddenValues } from '../store/hidden-values.ts';
import { runStep, type StepOutcome, type StepTask } from '../worker/run-step.ts';
import { SourcePlaces } from '../worker/stack-frames.ts';
import { captureOutput, type OutputSink } from './task-output.ts';
import { inTaskScope } from './task-scope.ts';

export interface InProcessTask extends Pick<StepTask, 'items' | 'openSignal' | 'hide'> {
  readonly flow: FlowClass;
  readonly spec: TaskSpec;
  readonly blobs: BlobStore;
  readonly onOutput: OutputSink;
  /** Prints the output as well. */
  readonly showOutput: boolean;
}

/**
 * One attempt by the code of the worker, without a process of its own: what a task could do to its
 * process is taken back when no task runs any more, and `process.exit` ends the attempt only.
 */
export async function runInProcess(task: InProcessTask): Promise<StepOutcome> {
  const { flow, spec, blobs, onOutput: sink, showOutput: show } = task;
  const leave = enterProcess();
  const exit: Exit = { code: undefined };
  const work = (): Promise<StepOutcome> => {
    setCurrentBlobs(blobs);
    return runStep({
      ...task,
      flow,
      places: new SourcePlaces(''),
      crash: new Promise(() => {}),
    });
  };
  try {
    const outcome = await inTaskScope(() =>
      exits.run(exit, () => captureOutput({ sink, show }, work)),
    );
    return exit.code === undefined ? outcome : exited(outcome, exit.code);
  } finally {
    leave();
    await rm(spec.tempDir, { recursive: true, force: true });
  }
}

interface Exit {
  code: number | undefined;
}

const exits = new AsyncLocalStorage<Exit>();

/** As the scheduler would see it: the result is lost with the process. */
function exited(outcome: StepOutcome, code: number): StepOutcome {
  const changes = outcome.kind === 'failed' ? outcome.failed.changes : {};
  const thrown = outcome.kind === 'failed' ? outcome.thrown : undefined;
  return { kind: 'failed', failed: { failure: { kind: 'exit', code }, changes }, thrown };
}

let running = 0;
let restore = (): void => {};

function enterProcess(): () => void {
  if (running === 0) restore = rememberProcess();
  running += 1;
  return () => {
    running -= 1;
    if (running === 0) restore();
  };
}

function rememberProcess(): () => void {
  const environment = { ...process.env };
  const cwd = process.cwd();
  const { exitCode } = process;
  const exit: typeof process.exit = Reflect.get(process, 'exit');
  const leave = (code?: string | number | null): never => {
    const attempt = exits.getStore();
    if (attempt === undefined) return exit.call(process, code);
    attempt.code ??= Number(code ?? process.exitCode ?? 0);
    throw new Error(`process.exit(${code ?? ''}) was called`);
  };
  Reflect.set(process, 'exit', leave);
  return () => {
    Reflect.set(process, 'exit', exit);
    process.exitCode = exitCode;
    setHiddenValues(undefined);
    for (const name of Object.keys(process.env)) {
      if (!Object.hasOwn(environment, name)) delete process.env[name];
    }
    Object.assign(process.env, environment);
    // Worker threads, in which some test runners run tests, cannot change it.
    if (process.cwd() !== cwd) process.chdir(cwd);
  };
}
