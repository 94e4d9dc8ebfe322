import { createDeferred } from '../../base/deferred.ts';
import type { FlowClass } from '../../client/flow-types.ts';
import { Run } from '../../client/run.ts';
import { RunReading } from '../../client/run-reading.ts';
import { Task } from '../../client/task.ts';
import type { RunId } from '../../model/ids.ts';
import type { EventReader } from '../../model/reader.ts';
import { type SpinOutcome, spinTask } from '../../runtime/spin/spin-task.ts';
import type { Outcome } from '../executing.ts';
import { ExecutingTask } from '../executing-task.ts';
import type { RunnerSpinOptions } from '../runner-options.ts';
import { type RunStart, watchStart } from '../start-run.ts';
import type { OpenedForSpin } from './open-for-spin.ts';
import { spinRequest } from './spin-request.ts';

export interface SpinStart extends Pick<RunStart, 'cwd' | 'stop' | 'showOutput'> {
  readonly options: RunnerSpinOptions;
}

/** Resolves once what it leaves has a name. Throws what kept it from being started. */
export async function startSpin<F extends FlowClass>(
  spinning: OpenedForSpin,
  start: SpinStart,
): Promise<ExecutingTask<F>> {
  const { stop, options } = start;
  const { client, task, started: of } = spinning.origin;
  const started = createDeferred<RunId>();
  const watch = watchStart(options, start, started.resolve);
  const outcome = spinAndClose(spinning, start, watch.readers);
  outcome.catch((error: unknown) => started.reject(error));
  const spin = await started.promise;
  const reading = new RunReading(client, client.spinReferenceOf(of.flow, spin));
  const recording = new Run<F>(reading.pathspec, reading);
  const { step, position } = task;
  const spun = new Task<F>(`${reading.pathspec}/${step}/${position}`, reading);
  return new ExecutingTask(spin, spun, { outcome, stop, thrown: watch.thrown, recording });
}

async function spinAndClose(
  spinning: OpenedForSpin,
  { stop, options, cwd }: SpinStart,
  readers: readonly EventReader[],
): Promise<Outcome> {
  const { opened } = spinning;
  const { set = {}, inspect = false } = options;
  try {
    const basis = await spinRequest(spinning, { set: { ...set }, environment: opened.environment });
    stop.signal.throwIfAborted();
    const request = { ...basis, cwd, inspect, readers, interrupts: stop.source };
    return outcomeOf(await spinTask(opened, request));
  } finally {
    await opened.close();
  }
}

function outcomeOf({ outcome, exitCode }: SpinOutcome): Outcome {
  if (outcome.kind === 'succeeded') return { status: 'succeeded', exitCode };
  const isCancelled = outcome.failed.failure.kind === 'cancelled';
  return { status: isCancelled ? 'cancelled' : 'failed', exitCode };
}
