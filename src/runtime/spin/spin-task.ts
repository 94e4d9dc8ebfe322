import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournalWriter } from '../../journal/append.ts';
import { acquireLock, releaseLock, thisPlace } from '../../journal/liveness.ts';
import { createRunDirectory } from '../../journal/run-directory.ts';
import type { ArtifactChanges, ArtifactTable } from '../../model/artifact.ts';
import { type ResolvedConfigs, valuesOf } from '../../model/config.ts';
import { EXIT } from '../../model/errors.ts';
import type { EventDraft } from '../../model/events.ts';
import type { Failure } from '../../model/failure.ts';
import type { GraphNode } from '../../model/graph.ts';
import type { RunId } from '../../model/ids.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { AttemptOutcome } from '../../model/ports/executor.ts';
import type { EventReader } from '../../model/reader.ts';
import type { TaskSpec } from '../../model/task.ts';
import { VERSION } from '../../model/version.ts';
import { encodeArtifact } from '../../store/artifacts.ts';
import { openStore } from '../../store/layout.ts';
import { openLocalBlobStore } from '../../store/local/blob-store.ts';
import { exitCodeOfSignal, type InterruptSource } from '../interrupt.ts';
import { LocalExecutor } from '../local-executor.ts';
import { loggedOutcome } from '../logged-outcome.ts';
import type { OpenedFlow } from '../open-flow.ts';
import { Recorder } from '../recorder.ts';
import { putGraph, secretTexts, withoutSecrets } from '../run-flow.ts';
import { placementOf } from '../run-loop.ts';
import { TaskOutput } from '../task-output.ts';
import { type RecordedTask, recordedSpec } from './recorded-spec.ts';
import { refuseGang } from './refuse-gang.ts';

/** The node is the step as it is today. */
export interface SpinRequest extends RecordedTask {
  readonly configs: ResolvedConfigs;
  /** Fields that start with another value than the recorded one. */
  readonly set: { readonly [field: string]: unknown };
  /** The store's root folder. */
  readonly store: string;
  readonly cwd: string;
  readonly inspect: boolean;
  readonly readers: readonly EventReader[];
  readonly interrupts: InterruptSource;
}

export interface SpinOutcome {
  /** Names the spin as a run id names a run. */
  readonly spin: RunId;
  readonly outcome: AttemptOutcome;
  /** What the task started with. */
  readonly start: ArtifactTable;
  /** 0, 1, or 129, 130, 143 after a signal. */
  readonly exitCode: number;
}

const CLOCK = { now: () => Date.now() };

/**
 * Runs one task of a run again, on its recorded inputs and with the code as it is now: one attempt,
 * neither retried nor caught. What it leaves is kept beside the runs, as a run of that one task.
 *
 * @throws FlowError with exit code 2: its inputs are not in the store any more.
 */
export async function spinTask(opened: OpenedFlow, request: SpinRequest): Promise<SpinOutcome> {
  refuseGang(request.graph, request.task);
  const layout = openStore(request.store, { create: true });
  const blobs = openLocalBlobStore(request.store);
  const recorded = await specOf(request, blobs);
  const bundle = await opened.prepared.placeIn(layout.codeDir);
  const { run, dir } = createRunDirectory(layout.spinDir(request.graph.flow), CLOCK);
  acquireLock(dir, { ...thisPlace(), mark: opened.supervisor.mark });
  const journal = openJournalWriter(dir, { run, clock: CLOCK, durability: 'process' });
  const tempDir = join(opened.folder ?? tmpdir(), `millrace-${run}`);
  const secrets = secretTexts(opened.definition, request.parameters);
  const first = opened.takeChild();
  first?.hide(secrets);
  const configs = { kind: 'resolved', values: valuesOf(request.configs) } as const;
  const { mutations = {} } = opened.definition;
  const executor = new LocalExecutor(
    {
      code: { bundle, file: opened.prepared.sourceFile, configs, mutations },
      flow: opened.definition.name,
      store: request.store,
      cwd: request.cwd,
      graceMs: request.origin.options.graceMs,
      supervisor: opened.supervisor,
      environment: opened.environment,
      secrets,
    },
    { started: first === undefined ? [] : [first], maxWorkers: 1, spares: true },
  );
  const recorder = new Recorder({ journal, readers: request.readers });
  try {
    recorder.record(await startedEvent(opened, request, blobs));
    const facts = { ...recorded.run, id: run, origin: recorded.run.id };
    const spec = { ...recorded, run: facts, tempDir: join(tempDir, 'task') };
    const ended = await runAttempt({ ...request, spec, dir, executor, recorder });
    return { spin: run, start: recorded.artifacts, ...ended };
  } finally {
    await executor.close();
    await Promise.all([journal.close(), opened.supervisor.close()]);
    releaseLock(dir);
    await rm(tempDir, { recursive: true, force: true });
    for (const reader of request.readers) await reader.close?.();
  }
}

/** What the task was given then, with what was set instead. Everything that it may read is there. */
async function specOf(request: SpinRequest, blobs: BlobStore): Promise<TaskSpec> {
  const spec = await recordedSpec(request, blobs);
  const artifacts = { ...spec.artifacts };
  for (const [field, value] of Object.entries(request.set)) {
    artifacts[field] = await encodeArtifact(value, blobs, { root: `set ${field}` });
  }
  return { ...spec, artifacts, ...(request.inspect ? { inspect: true } : {}) };
}

async function startedEvent(
  opened: OpenedFlow,
  { origin, node, parameters, task }: SpinRequest,
  blobs: BlobStore,
): Promise<EventDraft> {
  // The one task has nothing above it here: what it started with is recorded as its own.
  const alone: GraphNode = { ...node, takes: 'nothing', joins: 'none' };
  const graph = await putGraph({ flow: origin.flow, nodes: [alone], edges: [] }, blobs);
  const { step, position } = task;
  return {
    type: 'run.started',
    flow: origin.flow,
    file: opened.prepared.sourceFile,
    code: opened.prepared.hash,
    graph,
    parameters: withoutSecrets(opened.definition, parameters),
    tags: origin.tags,
    options: origin.options,
    spin: { run: origin.run, step, position },
    versions: { millrace: VERSION, node: process.versions.node },
  };
}

interface SpinAttempt extends SpinRequest {
  readonly spec: TaskSpec;
  readonly dir: string;
  readonly executor: LocalExecutor;
  readonly recorder: Recorder;
}

async function runAttempt(spin: SpinAttempt): Promise<Pick<SpinOutcome, 'outcome' | 'exitCode'>> {
  const { spec, dir, node, readers, recorder, executor } = spin;
  const task = { step: spec.step, position: spec.position, attempt: 1 };
  const onFailure = (failure: Failure): void => attempt.stop(failure);
  const output = new TaskOutput({ ...task, dir, readers, onFailure });
  const { timeoutMs } = node.policy;
  const attempt = executor.launch(spec, {
    placement: placementOf(node.policy),
    recorded: recorder.written(),
    onLog: (stream, bytes) => output.write(stream, bytes),
    // No task takes the items, so nothing holds an async iterable back.
    onItems: ({ type }) => {
      if (type === 'opened') attempt.pull(spec.maxSplits);
    },
    // Somebody who looks around in a debugger takes longer.
    ...(timeoutMs === undefined || spin.inspect ? {} : { timeoutMs }),
  });
  const stopper = {
    stop: (reason: string) => attempt.stop({ kind: 'cancelled', reason }),
    kill: () => attempt.kill(),
  };
  const interrupts = spin.interrupts(stopper, dir);
  try {
    const { pid } = attempt;
    recorder.record({ type: 'task.launched', ...task, ...(pid === undefined ? {} : { pid }) });
    recorder.write();
    const outcome = await loggedOutcome(await attempt.outcome, output);
    recordEnd(spin, outcome);
    recorder.write();
    const { received } = interrupts;
    const exitCode = outcome.kind === 'succeeded' ? EXIT.ok : EXIT.failed;
    return { outcome, exitCode: received === undefined ? exitCode : exitCodeOfSignal(received) };
  } finally {
    interrupts.remove();
  }
}

function recordEnd({ spec, recorder }: SpinAttempt, outcome: AttemptOutcome): void {
  const task = { step: spec.step, position: spec.position, attempt: 1 };
  const { usage } = outcome;
  if (outcome.kind === 'succeeded') {
    const { changes, transition } = outcome.result;
    recorder.record({
      type: 'task.succeeded',
      ...task,
      changes: over(spec, changes),
      transition,
      usage,
    });
    recorder.record({ type: 'run.succeeded' });
    return;
  }
  const { failure, changes } = outcome.failed;
  const then = { kind: 'give-up' } as const;
  recorder.record({
    type: 'task.failed',
    ...task,
    failure,
    changes: over(spec, changes),
    then,
    usage,
  });
  recorder.record(
    failure.kind === 'cancelled'
      ? { type: 'run.cancelled', reason: failure.reason }
      : { type: 'run.failed', failure, task },
  );
}

function over(spec: TaskSpec, changes: ArtifactChanges): ArtifactChanges {
  return { ...spec.artifacts, ...changes };
}
