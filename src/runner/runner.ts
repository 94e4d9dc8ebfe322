import { resolve } from 'node:path';
import type { Client } from '../client/client.ts';
import type { ArtifactsOf, FlowClass } from '../client/flow-types.ts';
import type { RunReference } from '../client/run-reference.ts';
import { clientOf } from '../client/store-options.ts';
import { FlowError } from '../model/errors.ts';
import type { OpenedFlow } from '../runtime/open-flow.ts';
import { refuseParameters } from '../runtime/refuse-parameters.ts';
import { soundGraph } from '../runtime/sound-graph.ts';
import { type Added, readAdded } from './added/read-added.ts';
import {
  checkOptions,
  checkParameters,
  checkPathspec,
  type OptionsOf,
  requireFolder,
  runOptionsOf,
} from './check-options.ts';
import { rawConfigs } from './config-values.ts';
import type { ExecutingRun } from './executing-run.ts';
import type { ExecutingTask } from './executing-task.ts';
import { type FileSource, type FlowSource, flowSource, requireFile } from './flow-source.ts';
import { type Opening, openSource } from './open-source.ts';
import { type ParametersOf, rawParameters } from './parameter-values.ts';
import { type ForeseenResume, foreseeResume } from './resume/foresee-resume.ts';
import { type OpenedForResume, openForResume } from './resume/open-for-resume.ts';
import { planResume } from './resume/plan-resume.ts';
import { resumeValues } from './resume/resume-values.ts';
import type {
  ResumeSelection,
  RunnerOptions,
  RunnerResumeOptions,
  RunnerRunOptions,
  RunnerSpinOptions,
  StartOptions,
} from './runner-options.ts';
import { findSpinOrigin } from './spin/find-spin-origin.ts';
import { openForSpin } from './spin/open-for-spin.ts';
import { startSpin } from './spin/start-spin.ts';
import { type RunBasis, startRun } from './start-run.ts';
import { StopSwitch } from './stop-switch.ts';

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
 * else await (await runner.resume()).wait();
 * ```
 */
export class Runner<F extends FlowClass = FlowClass> {
  readonly #source: FlowSource;
  readonly #options: RunnerOptions;
  readonly #cwd: string;
  readonly #client: Client;

  /**
   * @param flow a file, relative to `cwd`; `file.ts:Name` where it holds several flows; or a flow
   *   class. With `static source = import.meta.url` it is the same as its file. Without, no process can
   *   load it, so it runs with `isolation: 'inline'` only, as this program has loaded it: all its runs
   *   share the state of its modules, and its configs are those of the import.
   * @throws FlowError `OPTION_INVALID`, `CWD_INVALID`.
   */
  constructor(flow: string | F, options: RunnerOptions = {}) {
    checkOptions('constructor', options);
    const { cwd = process.cwd(), store } = options;
    this.#cwd = requireFolder(resolve(cwd));
    this.#source = flowSource(flow, this.#cwd);
    this.#options = options;
    this.#client = clientOf({ cwd, ...(store === undefined ? {} : { store }) });
  }

  /**
   * Resolves as soon as the run exists; what becomes of it is told by the {@link ExecutingRun}.
   *
   * @throws FlowError while nothing was started: the flow does not load (with what it printed), is
   *   not in order (`FLOW_INVALID`), its parameters are not (`PARAMETER_INVALID`), an option is
   *   not (`OPTION_INVALID`), it is to run inline and cannot (`INLINE_CANNOT_HOLD`), or it is a class
   *   without a file and is not to run inline (`FLOW_SOURCE_UNKNOWN`).
   */
  run(parameters?: ParametersOf<F>, options: RunnerRunOptions = {}): Promise<ExecutingRun<F>> {
    return this.#start('run', options, async (open) => {
      checkParameters(parameters);
      const added = readAdded(options.with ?? [], this.#cwd);
      const { configs, configFiles } = this.#options;
      const opened = await openSource(open, {
        configs: rawConfigs({ configs, configFiles }, this.#cwd),
        with: added.decorators,
      });
      return basisOf(opened, added, async () => {
        soundGraph(opened);
        const { definition, environment } = opened;
        const raw = rawParameters({ ...parameters }, definition.parameters, environment);
        const resolved = await opened.resolveParameters(raw);
        const { values, configs: used } =
          resolved.kind === 'resolved' ? resolved : refuseParameters(resolved.problems);
        return { parameters: values, configs: used, given: raw };
      });
    });
  }

  /**
   * Starts a new run that takes over what ended well in an earlier one, and runs the rest. Its
   * parameters, configs and added decorators are those of the origin.
   *
   * @throws FlowError while nothing was started: `NOTHING_TO_RESUME`, `RUN_NOT_FOUND`,
   *   `ORIGIN_OF_OTHER_FLOW`, `ORIGIN_ALIVE`, `ORIGIN_HELD`, `ORIGIN_DELETED`, `STEP_UNKNOWN`,
   *   `TASK_NOT_FOUND`, and all that `run` throws.
   */
  resume(options: RunnerResumeOptions = {}): Promise<ExecutingRun<F>> {
    return this.#start('resume', options, async (open) => {
      const resuming = await this.#openForResume(open, options);
      const { opened, added } = resuming;
      return basisOf(opened, added, async () => {
        const plan = await planResume(resuming, options, this.#client);
        return { ...(await resumeValues(opened, plan, opened.environment)), resume: plan };
      });
    });
  }

  /** What `resume` would do with every task, and why; nothing runs. Throws what `resume` throws. */
  foreseeResume(options: RunnerResumeOptions = {}): Promise<ForeseenResume> {
    return this.#stoppable('resume', options, async (stop) => {
      const resuming = await this.#openForResume(this.#opening(options, stop), options);
      try {
        const plan = await planResume(resuming, options, this.#client);
        return foreseeResume(plan, resuming.graph, runOptionsOf(options));
      } finally {
        stop.release();
        await resuming.opened.close();
      }
    });
  }

  /**
   * Runs one task of a run again, on its recorded inputs and with the code as it is now, as `flow
   * spin` does. What it leaves is kept beside the runs.
   *
   * @param pathspec `run/step/task`, where the run may be `latest` or part of an id; `run/step` means
   *   the first task of the step that failed, else its first.
   * @throws FlowError while nothing was started: `RUN_NOT_FOUND`, `STEP_UNKNOWN`, `TASK_NOT_FOUND`,
   *   `INPUTS_GONE`, `STEP_CHANGED`, `SPIN_GANG`, `ORIGIN_OF_OTHER_FLOW`, and what `run` throws. A
   *   class that does not say its file has no spins (`FLOW_SOURCE_UNKNOWN`).
   */
  spin(
    pathspec: string,
    options: RunnerSpinOptions<ArtifactsOf<F>> = {},
  ): Promise<ExecutingTask<F>> {
    return this.#stoppable('spin', options, async (stop) => {
      checkPathspec(pathspec);
      const source = requireFile(this.#source, 'a spin runs in a process that loads the flow');
      const origin = await findSpinOrigin(pathspec, this.#client);
      refuseOtherFlow(source, origin.run);
      const spinning = await openForSpin(origin, { ...source, ...this.#surroundings({}, stop) });
      const showOutput = this.#options.showOutput ?? false;
      return startSpin<F>(spinning, { options, cwd: this.#cwd, stop, showOutput });
    });
  }

  #openForResume(
    open: Opening,
    { origin, with: given = [] }: ResumeSelection & RunnerRunOptions,
  ): Promise<OpenedForResume> {
    return openForResume({ client: this.#client, open, origin, with: given });
  }

  #start(
    as: 'run' | 'resume',
    options: RunnerRunOptions,
    prepare: (open: Opening) => Promise<RunBasis>,
  ): Promise<ExecutingRun<F>> {
    return this.#stoppable(as, options, async (stop) => {
      const basis = await prepare(this.#opening(options, stop));
      return startRun<F>(basis, {
        options,
        given: runOptionsOf(options),
        client: this.#client,
        cwd: this.#cwd,
        stop,
        showOutput: this.#options.showOutput ?? false,
      });
    });
  }

  /** What is started releases the switch at its end; where nothing was, it is released here. */
  async #stoppable<T>(
    as: OptionsOf,
    options: StartOptions,
    start: (stop: StopSwitch) => Promise<T>,
  ): Promise<T> {
    checkOptions(as, options);
    const stop = new StopSwitch([this.#options.signal, options.signal]);
    try {
      return await start(stop);
    } catch (error) {
      stop.release();
      throw error;
    }
  }

  #opening(options: RunnerRunOptions, stop: StopSwitch): Opening {
    const source = this.#source;
    if (options.isolation === 'inline' && 'loaded' in source) {
      return { ...source, ...this.#surroundings(options, stop) };
    }
    return { ...requireFile(source, NO_PROCESS, GO_INLINE), ...this.#surroundings(options, stop) };
  }

  #surroundings({ loadTimeoutMs }: RunnerRunOptions, { signal }: StopSwitch) {
    return {
      cwd: this.#cwd,
      store: this.#client.root,
      environment: { ...process.env, ...this.#options.env },
      loadTimeoutMs,
      signal,
    };
  }
}

const NO_PROCESS = 'no process can load it, so it only runs inline';
const GO_INLINE = "give { isolation: 'inline' }, or ";

function refuseOtherFlow({ file, flow }: FileSource, run: RunReference): void {
  if (flow === undefined || flow === run.flow) return;
  throw new FlowError(`The run ${run.run} is one of ${run.flow}, not of ${flow}.`, {
    code: 'ORIGIN_OF_OTHER_FLOW',
    hint: `name a run of ${flow}, or make a Runner of ${file}:${run.flow}`,
  });
}

/** Closes the flow again where its values cannot be had. */
async function basisOf(
  opened: OpenedFlow,
  added: Added,
  values: () => Promise<RunBasis['values']>,
): Promise<RunBasis> {
  try {
    return { opened, added, values: await values() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
