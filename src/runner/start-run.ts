import { createDeferred } from '../base/deferred.ts';
import type { Client } from '../client/client.ts';
import type { FlowClass } from '../client/flow-types.ts';
import { Run } from '../client/run.ts';
import { RunReading } from '../client/run-reading.ts';
import type { RunOptions } from '../model/events.ts';
import type { RunId } from '../model/ids.ts';
import type { EventReader } from '../model/reader.ts';
import { PlainConsole } from '../observe/console/plain.ts';
import type { OpenedFlow } from '../runtime/open-flow.ts';
import { type RunOutcome, type RunRequest, runFlow } from '../runtime/run-flow.ts';
import type { Added } from './added/read-added.ts';
import { CallbackReader, type RunCallbacks } from './callbacks.ts';
import type { ThrownByCallback } from './executing.ts';
import { ExecutingRun } from './executing-run.ts';
import type { RunnerRunOptions } from './runner-options.ts';
import type { StopSwitch } from './stop-switch.ts';

/** A flow that is ready to be run: it was opened, and what it is to run with is known. */
export interface RunBasis {
  readonly opened: OpenedFlow;
  readonly added: Added;
  readonly values: Pick<RunRequest, 'parameters' | 'configs' | 'given' | 'resume'>;
}

export interface RunStart {
  readonly options: RunnerRunOptions;
  /** Those that are recorded with the run, complete. */
  readonly given: RunOptions;
  readonly client: Client;
  readonly cwd: string;
  readonly stop: StopSwitch;
  readonly showOutput: boolean;
}

/** Resolves once the run exists. Throws what kept it from being started. */
export async function startRun<F extends FlowClass>(
  { opened, added, values }: RunBasis,
  start: RunStart,
): Promise<ExecutingRun<F>> {
  const { client, stop, options } = start;
  const { tags = [], runIdFile } = options;
  const started = createDeferred<RunId>();
  const watch = watchStart(options, start, started.resolve);
  const outcome = runAndClose(opened, stop, {
    ...values,
    options: start.given,
    tags,
    store: client.root,
    cwd: start.cwd,
    with: added.policies,
    withTexts: added.texts,
    interrupts: stop.source,
    readers: watch.readers,
    ...(runIdFile === undefined ? {} : { runIdFile }),
  });
  outcome.catch((error: unknown) => started.reject(error));
  const reference = client.referenceOf(opened.definition.name, await started.promise);
  const reading = new RunReading(client, reference);
  const run = new Run<F>(reading.pathspec, reading);
  return new ExecutingRun(run, { outcome, stop, thrown: watch.thrown });
}

export interface StartWatch {
  readonly readers: readonly EventReader[];
  readonly thrown: () => ThrownByCallback | undefined;
}

/** Who looks on: first whoever waits for the start, then the program's callbacks, then a console. */
export function watchStart(
  callbacks: RunCallbacks,
  { stop, showOutput }: Pick<RunStart, 'stop' | 'showOutput'>,
  onStarted: (run: RunId) => void,
): StartWatch {
  let thrown: ThrownByCallback | undefined;
  const called = new CallbackReader(callbacks, (error) => {
    thrown = { error };
    stop.stop(`a callback threw ${error instanceof Error ? error.message : String(error)}`);
  });
  const start: EventReader = {
    onEvent: (event) => {
      if (event.type === 'run.started') onStarted(event.run);
    },
  };
  return {
    readers: [start, called, ...(showOutput ? [new PlainConsole(process.stderr)] : [])],
    thrown: () => thrown,
  };
}

async function runAndClose(
  opened: OpenedFlow,
  stop: StopSwitch,
  request: RunRequest,
): Promise<RunOutcome> {
  try {
    stop.signal.throwIfAborted();
    return await runFlow(opened, request);
  } finally {
    await opened.close();
  }
}
