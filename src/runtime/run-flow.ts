import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../base/json.ts';
import { stableJson } from '../base/stable-json.ts';
import { openJournalWriter } from '../journal/append.ts';
import { acquireLock, thisPlace } from '../journal/liveness.ts';
import { createRunDirectory } from '../journal/run-directory.ts';
import { RunIndexer } from '../journal/run-indexer.ts';
import { type ResolvedConfigs, valuesOf } from '../model/config.ts';
import type { FlowDefinition, RawParameter, ResolvedParameters } from '../model/definition.ts';
import { EXIT, FlowError } from '../model/errors.ts';
import type { EventDraft, RunOptions } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { Hash, RunId } from '../model/ids.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { Time } from '../model/ports/clock.ts';
import type { Executor } from '../model/ports/executor.ts';
import type { InlineWorker } from '../model/ports/inline-worker.ts';
import type { EventReader } from '../model/reader.ts';
import { checkTags } from '../model/tags.ts';
import type { RunFacts } from '../model/task.ts';
import { VERSION } from '../model/version.ts';
import { openStore } from '../store/layout.ts';
import { openLocalBlobStore } from '../store/local/blob-store.ts';
import { type AddedPolicy, addPolicies } from './added-policy.ts';
import { checkAdmission } from './check-admission.ts';
import { checkInline } from './check-inline.ts';
import { endRun } from './end-run.ts';
import { besideProcesses, InlineExecutor } from './executor/inline-executor.ts';
import { openInlineWorker } from './executor/open-inline-worker.ts';
import { type ExitHookRun, endedRun, openExitHooks } from './exit-hooks.ts';
import type { FlowChild } from './flow-child.ts';
import {
  exitCodeOfSignal,
  type Interruptible,
  type InterruptSource,
  type Interrupts,
} from './interrupt.ts';
import { InterruptRelay } from './interrupt-relay.ts';
import { LocalExecutor, takesPlainSpare } from './local-executor.ts';
import type { OpenedFlow } from './open-flow.ts';
import { endLeftovers } from './resume/end-leftovers.ts';
import type { ResumePlan } from './resume/resume-plan.ts';
import { placementOf, RunLoop } from './run-loop.ts';
import type { RunParts } from './run-parts.ts';
import type { RunOutcome as Finish } from './scheduler/commands.ts';
import { Scheduler, type SchedulerOptions } from './scheduler/scheduler.ts';
import { startedBy } from './started-by.ts';
import { SYSTEM_TIME } from './system-time.ts';

export interface RunRequest {
  readonly parameters: ResolvedParameters;
  readonly configs: ResolvedConfigs;
  /** What the parameters were made of. */
  readonly given: { readonly [parameter: string]: RawParameter };
  readonly options: RunOptions;
  readonly tags: readonly string[];
  /** The store's root folder; made if it is not there. */
  readonly store: string;
  readonly cwd: string;
  /** Receives the run id before any task starts. */
  readonly runIdFile?: string;
  readonly with: readonly AddedPolicy[];
  /** Everything that was added, as the command line says it: for a resume. */
  readonly withTexts?: readonly string[];
  readonly readers: readonly EventReader[];
  readonly resume?: ResumePlan;
  /** How the run is told to stop. */
  readonly interrupts: InterruptSource;
  /** Default: the machine's. */
  readonly time?: Time;
  /**
   * Runs all tasks, in place of what `options` would open. Nothing is refused for being inline: whoever
   * gives a worker answers for what it can hold.
   */
  readonly inlineWorker?: InlineWorker;
}

export interface RunOutcome {
  readonly run: RunId;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  /** 0, 1, or 129, 130, 143 after a signal. */
  readonly exitCode: number;
}

/**
 * Runs an opened flow to its end, in the store. Throws FlowError with exit code 2 while nothing was
 * started, with exit code 1 when the store fails under a run.
 */
export async function runFlow(opened: OpenedFlow, request: RunRequest): Promise<RunOutcome> {
  const graph = addPolicies(checkedGraph(opened), request.with);
  const tags = checkTags(request.tags);
  checkAdmission(graph.nodes, request.options);
  const { environment, inlineOnly } = opened;
  const isWanted = request.options.isolation === 'inline' || inlineOnly !== undefined;
  const isInline = isWanted && request.inlineWorker === undefined;
  if (isInline) checkInline({ nodes: graph.nodes, environment, cwd: request.cwd, inlineOnly });
  const layout = openStore(request.store, { create: true });
  if (request.resume !== undefined) {
    await endLeftovers(layout.runDir(graph.flow, request.resume.origin.run));
  }
  const bundle = await opened.prepared.placeIn(layout.codeDir);
  const blobs = openLocalBlobStore(request.store);
  const prepared = preparedCode(opened, request, bundle);
  const isBesideProcesses = isInline && inlineOnly === undefined;
  const inline = isBesideProcesses ? await openInlineWorker(prepared) : undefined;
  const graphHash = await putGraph(graph, blobs);
  const runIdFile = openRunIdFile(request.runIdFile);
  const { run, dir, journal } = openRun(layout.flowDir(graph.flow), opened, request);
  const tempDir = join(opened.folder ?? tmpdir(), `millrace-${run}`);
  const child = childOptions(opened, request, prepared);
  const executor = openExecutor(opened, { child, graph, inline, request });
  const scheduler = new Scheduler(graph, { ...request.options, ...cloneRule(request) });
  const facts = { id: run, flow: graph.flow, tags, ...originOf(request) };
  const parts: RunParts = {
    graph,
    run: facts,
    parameters: request.parameters,
    options: request.options,
    dir,
    tempDir,
    blobs,
    journal,
    indexer: new RunIndexer(graph, (task) => scheduler.joinOf(task).dropped),
    scheduler,
    time: timeOf(request),
    executor,
    readers: request.readers,
    ...(request.resume === undefined ? {} : { resume: request.resume }),
  };
  const loop = new RunLoop(parts);
  try {
    runIdFile.write(run);
    for (const reader of request.readers) reader.onGraph?.(graph);
    const started = startedEvent({ opened, request, graph: graphHash });
    const { readers } = request;
    const interrupts = (target: Interruptible) => request.interrupts(target, dir);
    const hooks = openExitHooks(opened, { child, dir, journal, readers });
    return await runToEnd(loop, { run: facts, started, interrupts, hooks });
  } finally {
    await endRun(parts, opened.supervisor);
  }
}

function childOptions(
  opened: OpenedFlow,
  { cwd, options, parameters }: RunRequest,
  prepared: ReturnType<typeof preparedCode>,
) {
  return {
    ...prepared,
    code: prepared,
    cwd,
    graceMs: options.graceMs,
    loadTimeoutMs: options.loadTimeoutMs,
    supervisor: opened.supervisor,
    environment: opened.environment,
    secrets: secretTexts(opened.definition, parameters),
  } as const;
}

interface Places {
  readonly child: ReturnType<typeof childOptions>;
  readonly graph: FlowGraph;
  /** For steps that do not ask for a process. */
  readonly inline: InlineWorker | undefined;
  readonly request: RunRequest;
}

function openExecutor(opened: OpenedFlow, { child, graph, inline, request }: Places): Executor {
  const { inlineWorker = opened.inlineOnly?.worker, time } = request;
  if (inlineWorker !== undefined) return new InlineExecutor(inlineWorker, { ...child, time });
  const { maxWorkers, spares = true } = request.options;
  const started = [opened.takeChild(), takeAhead(opened, { child, graph, request })].filter(
    (one) => one !== undefined,
  );
  for (const one of started) one.hide(child.secrets);
  const local = new LocalExecutor(child, { started, maxWorkers, spares });
  return inline === undefined ? local : besideProcesses(inline, child, local);
}

/** A flow none of whose tasks could use it must not even be imported there. */
function takeAhead(
  { ahead }: OpenedFlow,
  { child, graph, request }: Omit<Places, 'inline'>,
): FlowChild | undefined {
  const isOfUse = graph.nodes.some(
    ({ name, policy }) => name !== 'start' && takesPlainSpare(placementOf(policy, request.options)),
  );
  if (isOfUse) return ahead?.take(child.code);
  void ahead?.end();
  return undefined;
}

/** What a worker loads, wherever it is. */
function preparedCode(opened: OpenedFlow, { store, configs }: RunRequest, bundle: string) {
  return {
    bundle,
    file: opened.prepared.sourceFile,
    flow: opened.definition.name,
    store,
    configs: { kind: 'resolved', values: valuesOf(configs) },
    mutations: opened.definition.mutations ?? {},
  } as const;
}

/** Makes the run's folder with lock and journal; where it cannot have these it has no folder either. */
function openRun(flowDir: string, opened: OpenedFlow, request: RunRequest) {
  const { durability } = request.options;
  const clock = timeOf(request);
  const { run, dir } = createRunDirectory(flowDir, clock, originOf(request));
  try {
    acquireLock(dir, { ...thisPlace(), mark: opened.supervisor.mark });
    requireOrigin(flowDir, request);
    return { run, dir, journal: openJournalWriter(dir, { run, clock, durability }) };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Once this run lives and says where it goes on from, nobody deletes that run any more. */
function requireOrigin(flowDir: string, { resume }: RunRequest): void {
  const origin = resume?.origin.run;
  if (origin === undefined || existsSync(join(flowDir, origin))) return;
  throw new FlowError(`The run ${origin} was deleted just before this one could go on from it.`, {
    code: 'ORIGIN_DELETED',
    hint: 'see flow runs for what is left to resume, or run the flow anew',
  });
}

function originOf({ resume }: RunRequest): { readonly origin?: RunId } {
  return resume === undefined ? {} : { origin: resume.origin.run };
}

function cloneRule({ resume }: RunRequest): Pick<SchedulerOptions, 'isClone'> {
  if (resume === undefined) return {};
  return {
    isClone: (tasks, scheduler) =>
      resume.decideTogether(tasks, scheduler).every(({ kind }) => kind === 'clone'),
  };
}

function timeOf({ time = SYSTEM_TIME }: RunRequest): Time {
  return time;
}

interface ToEnd {
  readonly run: RunFacts;
  readonly started: EventDraft;
  readonly interrupts: (target: Interruptible) => Interrupts;
  readonly hooks: ExitHookRun | undefined;
}

async function runToEnd(loop: RunLoop, { run, started, ...to }: ToEnd): Promise<RunOutcome> {
  const relay = new InterruptRelay(loop);
  const interrupts = to.interrupts(relay);
  const startedAtMs = performance.now();
  try {
    const finish = await loop.run(started);
    const outcome = { run: run.id, status: finish.kind, exitCode: exitCodeOf(finish, interrupts) };
    if (to.hooks !== undefined && !relay.isKilled) {
      relay.target = to.hooks;
      const durationMs = Math.round(performance.now() - startedAtMs);
      await to.hooks.run(endedRun(run, finish, durationMs));
    }
    return outcome;
  } finally {
    interrupts.remove();
  }
}

function exitCodeOf({ kind }: Finish, { received }: Interrupts): number {
  if (kind === 'cancelled' && received !== undefined) return exitCodeOfSignal(received);
  return kind === 'succeeded' ? EXIT.ok : EXIT.failed;
}

function checkedGraph(opened: OpenedFlow): FlowGraph {
  if (opened.graph !== undefined) return opened.graph;
  const errors = opened.diagnostics.filter(({ severity }) => severity === 'error');
  throw new FlowError(`${opened.prepared.sourceFile} has ${errors.length} problems`, {
    code: 'FLOW_INVALID',
    diagnostics: errors,
  });
}

/** Keeps the graph; its hash is taken over stable JSON. */
export async function putGraph(graph: FlowGraph, blobs: BlobStore): Promise<Hash> {
  const plain: Json = JSON.parse(JSON.stringify(graph));
  const { hash } = await blobs.put(Buffer.from(stableJson(plain)));
  return hash;
}

interface Starting {
  readonly opened: OpenedFlow;
  readonly request: RunRequest;
  readonly graph: Hash;
}

function startedEvent({ opened, request, graph }: Starting): EventDraft {
  return {
    type: 'run.started',
    flow: opened.definition.name,
    ...(opened.inlineOnly === undefined ? { file: opened.prepared.sourceFile } : {}),
    code: opened.prepared.hash,
    graph,
    parameters: withoutSecrets(opened.definition, request.parameters),
    ...givenToSchemas(opened.definition, request.given),
    ...(Object.keys(request.configs).length === 0 ? {} : { configs: request.configs }),
    tags: checkTags(request.tags),
    options: request.options,
    ...(request.withTexts?.length ? { with: request.withTexts } : {}),
    ...originOf(request),
    ...startedBy(opened.environment),
    versions: { millrace: VERSION, node: process.versions.node },
  };
}

/** For whoever shows what tasks print. A secret always travels inline. */
export function secretTexts({ parameters }: FlowDefinition, values: ResolvedParameters): string[] {
  return parameters.flatMap(({ name, kind }) => {
    const inline = kind === 'secret' && Object.hasOwn(values, name) && values[name]?.inline;
    return inline ? [Buffer.from(inline, 'base64').toString()] : [];
  });
}

/** Tasks get a secret by message; nothing on disk ever has it. */
export function withoutSecrets(
  { parameters }: FlowDefinition,
  values: ResolvedParameters,
): ResolvedParameters {
  const secret = new Set(
    parameters.filter(({ kind }) => kind === 'secret').map(({ name }) => name),
  );
  return Object.fromEntries(Object.entries(values).filter(([name]) => !secret.has(name)));
}

/** The output of a schema does not say what it was made of. */
function givenToSchemas(
  { parameters }: FlowDefinition,
  given: RunRequest['given'],
): { readonly given?: RunRequest['given'] } {
  const names = parameters.filter(({ kind }) => kind === 'schema').map(({ name }) => name);
  const kept = Object.entries(given).filter(([name]) => names.includes(name));
  return kept.length === 0 ? {} : { given: Object.fromEntries(kept) };
}

/** Opened before the run exists, so that a file that cannot be written starts nothing. */
function openRunIdFile(file: string | undefined): { write(run: RunId): void } {
  if (file === undefined) return { write: () => {} };
  try {
    const descriptor = openSync(file, 'w');
    return {
      write: (run) => {
        writeSync(descriptor, run);
        closeSync(descriptor);
      },
    };
  } catch (error) {
    throw new FlowError(`The run id cannot be written to ${file}`, {
      code: 'RUN_ID_FILE_NOT_WRITABLE',
      hint: 'name a file in a folder that exists and is writable',
      cause: error,
    });
  }
}
