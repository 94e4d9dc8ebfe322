import { resolve } from 'node:path';
import { createDeferred } from '../base/deferred.ts';
import type { Json } from '../base/json.ts';
import type { Client } from '../client/client.ts';
import type { FlowClass } from '../client/flow-types.ts';
import { Run } from '../client/run.ts';
import { RunReading } from '../client/run-reading.ts';
import { clientOf } from '../client/store-options.ts';
import type { RawConfig, RawConfigs } from '../model/config.ts';
import type { FlowEvent, RunOptions } from '../model/events.ts';
import type { RunId } from '../model/ids.ts';
import { type LogLine, logLinesOf } from '../model/reader.ts';
import { PlainConsole } from '../observe/console/plain.ts';
import { type OpenedFlow, openFlow } from '../runtime/open-flow.ts';
import { refuseParameters } from '../runtime/refuse-parameters.ts';
import { defaultRunOptions } from '../runtime/run-defaults.ts';
import { type RunOutcome, type RunRequest, runFlow } from '../runtime/run-flow.ts';
import { soundGraph } from '../runtime/sound-graph.ts';
import { ExecutingRun } from './executing-run.ts';
import { type FlowSource, flowSource } from './flow-source.ts';
import { type ParametersOf, rawParameters } from './parameter-values.ts';
import { StopSwitch } from './stop-switch.ts';

export interface RunnerOptions {
  /** Added to the environment of this process, for tasks; `undefined` takes a variable away. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Where tasks run, and what relative paths are relative to. Default: the working directory. */
  readonly cwd?: string;
  /** The store's folder. Default: found as on the command line. */
  readonly store?: string;
  /** Values of the flow's configs, as `--config-value` gives them. */
  readonly configs?: { readonly [name: string]: Json };
  /** Prints progress and the tasks' output on stderr. Default: false. */
  readonly showOutput?: boolean;
}

export interface RunnerRunOptions extends Partial<RunOptions> {
  readonly tags?: readonly string[];
  /** Stops the run when it fires, as `cancel` does. */
  readonly signal?: AbortSignal;
  /** Called with each event as it is recorded. */
  readonly onEvent?: (event: FlowEvent) => void;
  /** Called with each line that a task prints. */
  readonly onLog?: (line: LogLine) => void;
}

/**
 * Runs a flow from a program: the same scheduler as `flow run`, each task in a process of its own,
 * the same store. It installs no signal handlers; many runners may work at once.
 *
 * @example
 * ```ts
 * const runner = new Runner<typeof Weather>('weather.ts', { store: '/data/.millrace' });
 * const executing = await runner.run({ city: 'Seattle' }, { maxWorkers: 4 });
 * await executing.wait({ timeout: '10m' });
 * if (executing.status === 'succeeded') console.log(await executing.run.artifacts.warmest);
 * ```
 */
export class Runner<F extends FlowClass = FlowClass> {
  readonly #source: FlowSource;
  readonly #options: RunnerOptions;
  readonly #cwd: string;
  readonly #client: Client;

  /**
   * @param flow a file, relative to `cwd`; `file.ts:Name` where it holds several flows; or a flow
   *   class with `static source = import.meta.url`.
   * @throws FlowError `FLOW_SOURCE_UNKNOWN` for a class without it.
   */
  constructor(flow: string | F, options: RunnerOptions = {}) {
    const { cwd = process.cwd(), store } = options;
    this.#cwd = resolve(cwd);
    this.#source = flowSource(flow, this.#cwd);
    this.#options = options;
    this.#client = clientOf({ cwd, ...(store === undefined ? {} : { store }) });
  }

  /**
   * Resolves as soon as the run exists; what becomes of it is told by the {@link ExecutingRun}.
   *
   * @throws FlowError while nothing was started: the flow does not load (with what it printed), is
   *   not in order (`FLOW_INVALID`), or its parameters are not (`PARAMETER_INVALID`).
   */
  async run(
    parameters?: ParametersOf<F>,
    options: RunnerRunOptions = {},
  ): Promise<ExecutingRun<F>> {
    options.signal?.throwIfAborted();
    const opened = await this.#open();
    try {
      soundGraph(opened);
      const { definition, environment } = opened;
      const raw = rawParameters({ ...parameters }, definition.parameters, environment);
      const resolved = await opened.resolveParameters(raw);
      const { values, configs } =
        resolved.kind === 'resolved' ? resolved : refuseParameters(resolved.problems);
      return await this.#start(opened, { parameters: values, configs, given: raw }, options);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  async #start(
    opened: OpenedFlow,
    values: Pick<RunRequest, 'parameters' | 'configs' | 'given'>,
    options: RunnerRunOptions,
  ): Promise<ExecutingRun<F>> {
    const { tags = [], signal, onEvent, onLog, ...given } = options;
    const stop = new StopSwitch(signal);
    const started = createDeferred<RunId>();
    const outcome = runAndClose(opened, {
      ...values,
      options: { ...defaultRunOptions(), ...given },
      tags,
      store: this.#client.root,
      cwd: this.#cwd,
      with: [],
      interrupts: stop.source,
      readers: [
        {
          onEvent: (event) => {
            if (event.type === 'run.started') started.resolve(event.run);
            onEvent?.(event);
          },
          ...(onLog === undefined ? {} : { onLog: (text) => logLinesOf(text).forEach(onLog) }),
        },
        ...(this.#options.showOutput === true ? [new PlainConsole(process.stderr)] : []),
      ],
    });
    outcome.catch((error: unknown) => started.reject(error));
    const reference = this.#client.referenceOf(opened.definition.name, await started.promise);
    const reading = new RunReading(this.#client, reference);
    return new ExecutingRun(new Run<F>(reading.pathspec, reading), outcome, stop);
  }

  #open(): Promise<OpenedFlow> {
    const { file, flow } = this.#source;
    return openFlow({
      file,
      cwd: this.#cwd,
      store: this.#client.root,
      environment: { ...process.env, ...this.#options.env },
      configs: rawConfigs(this.#options.configs ?? {}),
      ...(flow === undefined ? {} : { flow }),
    });
  }
}

function rawConfigs(values: { readonly [name: string]: Json }): RawConfigs {
  const raw: Record<string, readonly RawConfig[]> = Object.create(null);
  for (const [name, value] of Object.entries(values)) {
    raw[name] = [{ from: 'text', text: JSON.stringify(value) }];
  }
  return raw;
}

async function runAndClose(opened: OpenedFlow, request: RunRequest): Promise<RunOutcome> {
  try {
    return await runFlow(opened, request);
  } finally {
    await opened.close();
  }
}
