import { join } from 'node:path';
import { createDeferred } from '../../base/deferred.ts';
import { type ConfigReader, setConfigReader } from '../../flow/config.ts';
import { mutateFlow } from '../../flow/mutators/mutate-flow.ts';
import { describeFlow } from '../../flow/registry.ts';
import { isFlowClass } from '../../flow/steps.ts';
import * as api from '../../index.ts';
import { InternalError } from '../../model/errors.ts';
import type {
  InlineClass,
  InlineClassRequest,
  InlineListener,
  InlineOutcome,
  InlineTask,
  InlineWorker,
  OpenedInlineWorker,
} from '../../model/ports/inline-worker.ts';
import type { LoadRequest } from '../../model/protocol.ts';
import type { TaskSpec } from '../../model/task.ts';
import { openLocalBlobStore } from '../../store/local/blob-store.ts';
import { openMemoryBlobStore } from '../../store/memory/blob-store.ts';
import { ChildConfigs } from '../configs/child-configs.ts';
import { ItemDemand } from '../item-demand.ts';
import { loadBundleAnew } from '../load-bundle.ts';
import { loadFlow } from '../load-flow.ts';
import { type Launchable, resolveLaunch } from '../resolve-launch.ts';
import { runStep, type StepOutcome } from '../run-step.ts';
import { SourcePlaces } from '../stack-frames.ts';
import { describeThrown } from '../user-error.ts';
import { startHook } from './start-hook.ts';
import {
  exitFailure,
  freshScope,
  openScopes,
  runInScope,
  runOutside,
  type TaskScope,
} from './task-scope.ts';

/** One after the other: the configs that a module asks for are those of the flow that is loaded. */
let loading: Promise<unknown> = Promise.resolve();

/** Loads the prepared flow into this process, with modules of its own. Never rejects. */
export function openInlineWorker(request: LoadRequest): Promise<OpenedInlineWorker> {
  const opened = loading.then(() => load(request));
  loading = opened;
  return opened;
}

async function load(request: LoadRequest): Promise<OpenedInlineWorker> {
  Reflect.set(globalThis, Symbol.for('millrace.api'), api);
  const places = new SourcePlaces(request.bundle);
  const { store, file } = request;
  const blobs = store === undefined ? openMemoryBlobStore() : openLocalBlobStore(store);
  const configs = new ChildConfigs(request, blobs);
  try {
    const outcome = await configs.during(() => loadFlow(request, loadBundleAnew));
    if (outcome.kind === 'problem') return outcome;
    const { flow, name } = outcome;
    const worker = inlineWorkerOf({ flow, name, file, blobs, configs }, places);
    return { kind: 'opened', worker };
  } catch (error) {
    const failure = describeThrown(error, places);
    return { kind: 'problem', problem: { kind: 'threw', failure } };
  } finally {
    // The program may load modules with configs of its own.
    setConfigReader(undefined);
  }
}

/**
 * Over a class that this process has loaded by itself, with its modules as they are. Throws FlowError
 * `CONSTRUCTOR_THREW`, `MUTATOR_THREW`.
 */
export function openInlineClass({ flow, blobs, configs = {} }: InlineClassRequest): InlineClass {
  if (!isFlowClass(flow)) throw new InternalError('a class that is no flow is opened');
  mutateFlow(flow, flow.name);
  const definition = describeFlow(flow);
  const { name } = definition;
  // What is relative to the flow file is relative to the working directory.
  const file = join(process.cwd(), `${name}.ts`);
  const loaded = { flow, name, file, blobs };
  const places = new SourcePlaces('');
  // Modules have asked for their configs long ago, so there is nothing to tell or to keep.
  const settled = { describe: () => [], keep: async () => ({}), values: () => configs };
  return {
    definition,
    worker: inlineWorkerOf(loaded, places),
    startHook: (request) => startHook({ flow, blobs, places }, request),
    resolveParameters: async (raw) => {
      const reply = await resolveLaunch({ ...loaded, configs: settled }, raw);
      return reply.type === 'parameters-resolved'
        ? { kind: 'resolved', values: reply.values, configs: reply.configs }
        : { kind: 'rejected', problems: reply.problems };
    },
  };
}

type InlineFlow = Omit<Launchable, 'configs'> & { readonly configs?: ConfigReader };

function inlineWorkerOf(flow: InlineFlow, places: SourcePlaces): InlineWorker {
  let close: (() => void) | undefined;
  return {
    open: (spec, listener) => {
      close ??= openScopes();
      return new OpenTask({ flow, places, spec, listener });
    },
    close: () => {
      close?.();
      close = undefined;
    },
  };
}

interface Start {
  readonly flow: InlineFlow;
  readonly places: SourcePlaces;
  readonly spec: TaskSpec;
  readonly listener: InlineListener;
}

class OpenTask implements InlineTask {
  readonly #start: Start;
  readonly #ended = createDeferred<InlineOutcome>();
  readonly #demand = new ItemDemand();
  #abort: AbortController | undefined;
  #hasTempDir = false;

  constructor(start: Start) {
    this.#start = start;
  }

  run(): Promise<InlineOutcome> {
    const { flow, places, spec, listener } = this.#start;
    const { blobs, configs } = flow;
    const scope = freshScope({ blobs, onLog: listener.onLog, configs });
    const work = (): Promise<StepOutcome> =>
      runStep({
        flow: flow.flow,
        blobs,
        spec,
        places,
        openSignal: () => this.#openAbort().signal,
        onTempDir: () => {
          this.#hasTempDir = true;
        },
        items: {
          send: async (notice) => runOutside(() => listener.onItems(notice)),
          demand: () => this.#demand.take(),
        },
        hide: async () => {},
      });
    const { resolve, reject, promise } = this.#ended;
    runInScope(scope, work).then((outcome) => resolve(lostWithProcess(outcome, scope)), reject);
    return promise;
  }

  hasTempDir(): boolean {
    return this.#hasTempDir;
  }

  pull(count: number): void {
    this.#demand.add(count);
  }

  abort(reason: string): void {
    this.#openAbort().abort(new DOMException(reason, 'AbortError'));
  }

  abandon(): void {
    this.#ended.resolve(ABANDONED);
  }

  #openAbort(): AbortController {
    this.#abort ??= new AbortController();
    return this.#abort;
  }
}

const ABANDONED: InlineOutcome = {
  kind: 'failed',
  failed: { failure: { kind: 'lost', message: 'it did not stop, and was given up' }, changes: {} },
};

/** Of a task that ended its process all that came of it is lost. */
function lostWithProcess(ended: StepOutcome, scope: TaskScope): InlineOutcome {
  const failure = exitFailure(scope);
  if (failure === undefined) return ended;
  const changes = ended.kind === 'failed' ? ended.failed.changes : {};
  return { kind: 'failed', failed: { failure, changes } };
}
