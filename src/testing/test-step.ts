import { rm } from 'node:fs/promises';
import { claimed } from '../client/claimed.ts';
import type { StepNameOf } from '../client/flow-types.ts';
import type { FlowClass } from '../flow/steps.ts';
import type { ArtifactChanges, ArtifactTable } from '../model/artifact.ts';
import { EMPTY_SCOPE, extendScope, flatten } from '../model/lineage.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { InlineListener, InlineOutcome, InlineWorker } from '../model/ports/inline-worker.ts';
import type { TakenTransition, TaskSpec } from '../model/task.ts';
import { decodeArtifactSync } from '../store/artifacts.ts';
import { readItemSync } from '../store/item-pages.ts';
import { openMemoryBlobStore } from '../store/memory/blob-store.ts';
import { openInlineClass } from '../worker/inline/inline-worker.ts';
import { fixtureParts } from './fixture.ts';
import type { StepGiven } from './given.ts';
import { borrowProcess } from './process-state.ts';
import { nodeOf, readFlow } from './read-flow.ts';
import { resolveGiven } from './resolve-given.ts';
import type { TestedStep, TestedTransition } from './step-outcome.ts';
import { buildStepSpec } from './step-spec.ts';
import { tellingAll } from './tell-all.ts';
import { knownConfigs } from './with-configs.ts';

/**
 * Runs one step in this process, with the code that runs tasks. One attempt: nothing is retried,
 * caught or timed out. Values are encoded and decoded as between tasks, so what could not be kept in a
 * run cannot be here.
 *
 * @throws FlowError for what no run would start: the flow is not in order (`FLOW_INVALID`), there is no
 *   such step (`STEP_UNKNOWN`), or what is given does not fit it (`TEST_GIVEN`, `PARAMETER_INVALID`).
 *   What the step itself throws is in the outcome.
 * @example
 * ```ts
 * const { artifacts, next } = await testStep(Weather, 'average', { item: 'oslo' });
 * expect(artifacts.mean).toBeCloseTo(-2.4);
 * expect(next).toEqual({ kind: 'next', to: ['join'] });
 * ```
 */
export function testStep<F extends FlowClass, S extends StepNameOf<F>>(
  flow: F,
  step: S,
  given: StepGiven<F, S> = {},
): Promise<TestedStep<F>> {
  return tellingAll(() => runGiven(flow, step, given));
}

async function runGiven<F extends FlowClass, S extends StepNameOf<F>>(
  flow: F,
  step: S,
  given: StepGiven<F, S>,
): Promise<TestedStep<F>> {
  const read = readFlow(flow);
  const node = nodeOf(read.graph, step);
  const { blobs, recorded } = fixtureParts(given.fixture, step) ?? {
    blobs: openMemoryBlobStore(),
    recorded: undefined,
  };
  const inline = openInlineClass({ flow, blobs, configs: knownConfigs() });
  const parameters = await resolveGiven(inline, given.parameters ?? {}, recorded);
  const spec = await buildStepSpec({
    read,
    node,
    given: claimed(given),
    parameters,
    blobs,
    recorded,
  });
  const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const { showOutput = false } = given;
  const outcome = await runAlone(
    { worker: inline.worker, spec, signal: given.current?.signal },
    (stream, bytes) => {
      output[stream].push(bytes);
      if (showOutput) process[stream].write(bytes);
    },
  );
  return claimed({
    ...describeOutcome(outcome, spec, blobs),
    stdout: Buffer.concat(output.stdout).toString(),
    stderr: Buffer.concat(output.stderr).toString(),
  });
}

interface LoneTask {
  readonly worker: InlineWorker;
  readonly spec: TaskSpec;
  readonly signal: AbortSignal | undefined;
}

async function runAlone(
  { worker, spec, signal }: LoneTask,
  onLog: InlineListener['onLog'],
): Promise<InlineOutcome> {
  const giveBack = borrowProcess();
  const task = worker.open(spec, { onLog, onItems: () => {} });
  const abort = (): void => task.abort(String(signal?.reason));
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    // Nobody takes the items, so only the limit holds an async iterable back.
    task.pull(spec.maxSplits + 1);
    return await task.run();
  } finally {
    signal?.removeEventListener('abort', abort);
    worker.close();
    giveBack();
    await rm(spec.tempDir, { recursive: true, force: true });
  }
}

function describeOutcome(outcome: InlineOutcome, spec: TaskSpec, blobs: BlobStore): object {
  const { changes } = outcome.kind === 'succeeded' ? outcome.result : outcome.failed;
  const all = { ...spec.parameters, ...flatten(extendScope(startOf(spec), changes)) };
  const common = {
    artifacts: valuesOf(withoutDeleted(changes), blobs),
    deleted: Object.keys(changes).filter((name) => changes[name] === null),
    data: valuesOf(all, blobs),
  };
  if (outcome.kind === 'failed') {
    const { failed, thrown } = outcome;
    return { ...common, status: 'failed', error: thrown, failure: failed.failure };
  }
  const next = describeTransition(outcome.result.transition, blobs);
  return { ...common, status: 'succeeded', next };
}

function startOf({ artifacts }: TaskSpec) {
  return extendScope(EMPTY_SCOPE, artifacts);
}

function withoutDeleted(changes: ArtifactChanges): ArtifactTable {
  return flatten(extendScope(EMPTY_SCOPE, changes));
}

function valuesOf(table: ArtifactTable, blobs: BlobStore): { readonly [name: string]: unknown } {
  return Object.fromEntries(
    Object.entries(table).map(([name, ref]) => [name, decodeArtifactSync(ref, blobs)]),
  );
}

function describeTransition(transition: TakenTransition, blobs: BlobStore): TestedTransition {
  switch (transition.kind) {
    case 'end':
    case 'next':
      return transition;
    case 'switch':
      return { kind: 'switch', case: transition.label, to: transition.to };
    case 'gang':
      return { kind: 'gang', to: transition.to, size: transition.size };
    case 'foreach': {
      const { to, pages } = transition;
      const items = pages.flatMap(({ ref, count }) =>
        Array.from({ length: count }, (_, slot) => readItemSync({ page: ref, slot }, blobs)),
      );
      return { kind: 'foreach', to, items };
    }
  }
}
