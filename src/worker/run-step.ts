import { transientFields } from '../flow/decorators/transient.ts';
import { instantiate } from '../flow/flow-instance.ts';
import { isParameter } from '../flow/parameters/parameter.ts';
import { attachHost } from '../flow/step-host.ts';
import type { StepWrapper } from '../flow/step-wrapper.ts';
import { type FlowClass, readSteps } from '../flow/steps.ts';
import type { RequestedTransition } from '../flow/transition.ts';
import type { ArtifactChanges } from '../model/artifact.ts';
import { FlowError, InternalError, isFlowError } from '../model/errors.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { ItemRef, JoinInputs, TaskFailure, TaskResult, TaskSpec } from '../model/task.ts';
import { readItemSync, writeItemPages } from '../store/item-pages.ts';
import { decodeJoinInputsSync } from '../store/join-inputs.ts';
import { type ArtifactIo, openArtifactIo } from './artifact-io.ts';
import { type CollectedFields, type FieldProblem, Fields } from './fields.ts';
import { ambiguousFields, openInputs } from './inputs.ts';
import { protectSecrets, secretParametersOf } from './secrets/protect-secrets.ts';
import { skippedTransition } from './skipped-transition.ts';
import type { SourcePlaces } from './stack-frames.ts';
import {
  requireSameStart,
  requireUnchanged,
  type StreamTarget,
  streamItems,
} from './stream-items.ts';
import { takeTransition } from './take-transition.ts';
import { publishCurrent } from './task-current.ts';
import { TaskHost } from './task-host.ts';
import { describeThrown } from './user-error.ts';
import { waitForDebugger } from './wait-for-debugger.ts';
import { type WrappedCall, WrappedRun } from './wrapped-step.ts';

export interface StepTask {
  readonly spec: TaskSpec;
  readonly flow: FlowClass;
  readonly blobs: BlobStore;
  readonly places: SourcePlaces;
  /** The signal that fires when the attempt is cancelled or timed out. */
  readonly openSignal: () => AbortSignal;
  /** Hears that the task has a temporary folder now. */
  readonly onTempDir?: () => void;
  /** For a foreach over an async iterable. */
  readonly items: Pick<StreamTarget, 'send' | 'demand'>;
  /** Resolves when whoever shows the task's output knows these texts. */
  readonly hide: (values: readonly string[]) => Promise<void>;
  /** Rejects with an error of the user's that no call of ours would see, where somebody looks for it. */
  readonly crash?: Promise<never>;
}

export type StepOutcome =
  | { readonly kind: 'succeeded'; readonly result: TaskResult }
  /** `thrown`: the error itself, for those who are in this process. */
  | { readonly kind: 'failed'; readonly failed: TaskFailure; readonly thrown: unknown };

/**
 * One attempt: from the spec to what the task leaves behind. Never rejects; whatever the user's code
 * does wrong is the outcome. A failed attempt still tells the fields that it had set.
 */
export async function runStep(task: StepTask): Promise<StepOutcome> {
  let opened: OpenedTask | undefined;
  try {
    Object.assign(process.env, task.spec.environment);
    opened = openTask(task);
    const { crash } = task;
    const work = execute(opened, task);
    const result = await (crash === undefined ? work : Promise.race([crash, work]));
    return { kind: 'succeeded', result };
  } catch (error) {
    const decorator = opened?.wrapped?.decoratorOf(error);
    const failure = {
      ...describeThrown(error, task.places),
      ...(decorator === undefined ? {} : { decorator }),
    };
    const failed = { failure, changes: await leftBehind(opened) };
    return { kind: 'failed', failed, thrown: error };
  }
}

interface OpenedTask {
  readonly instance: object;
  readonly fields: Fields;
  readonly host: TaskHost;
  readonly join: JoinInputs | undefined;
  readonly io: ArtifactIo;
  readonly secretParameters: readonly string[];
  /** Present where custom decorators stand around the step. */
  wrapped?: WrappedRun;
}

function openTask({ spec, flow, blobs, openSignal, onTempDir }: StepTask): OpenedTask {
  const io = openArtifactIo(blobs);
  const join = spec.inputs === undefined ? undefined : decodeJoinInputsSync(spec.inputs, blobs);
  const instance = instantiate(flow);
  const secretParameters = secretParametersOf(instance);
  const fields = new Fields(instance, {
    io,
    artifacts: spec.artifacts,
    parameters: spec.parameters,
    initial: spec.initial,
    transient: transientFields(instance),
    ambiguous: join === undefined ? NO_NAMES : ambiguousFields(join),
    isParameter,
  });
  const readItem = (item: ItemRef): unknown => readItemSync(item, blobs);
  const host = new TaskHost({ spec, instance, fields, join, readItem });
  attachHost(instance, host);
  publishCurrent({ spec, instance, host, openSignal, onTempDir });
  return { instance, fields, host, join, io, secretParameters };
}

const NO_NAMES: ReadonlySet<string> = new Set();

async function execute(opened: OpenedTask, task: StepTask): Promise<TaskResult> {
  const { spec, flow, blobs, crash } = task;
  // A spare may have crashed before it got the task; then no code of the step runs.
  if (crash !== undefined) await Promise.race([crash, Promise.resolve()]);
  const protecting = protectSecrets(task, opened.secretParameters);
  if (protecting !== undefined) await protecting;
  const called = callStep(opened, spec, readSteps(flow).wrappers.get(spec.step) ?? []);
  if (isThenable(called)) await called;
  const early: { changes?: ArtifactChanges } = {};
  const taken = takeTransition(requestedBy(opened, spec), {
    spec,
    writeItems: (items, keyOf) => writeItemPages(items, blobs, { maxItems: spec.maxSplits, keyOf }),
    streamItems: async ({ to, items, keyOf }) => {
      const target = { ...streamTarget(task), keyOf };
      early.changes = requireKept(await opened.fields.collect());
      requireSameStart(target, early.changes);
      await target.send({ type: 'opened', to, changes: early.changes });
      return streamItems(items, target);
    },
  });
  const transition = taken instanceof Promise ? await taken : taken;
  const collected = opened.fields.collect();
  const changes = requireKept(collected instanceof Promise ? await collected : collected);
  if (early.changes !== undefined) requireUnchanged(early.changes, changes);
  return { changes, transition };
}

function streamTarget({ spec, blobs, items }: StepTask): StreamTarget {
  const { step, maxSplits, yielded } = spec;
  return { step, blobs, maxItems: maxSplits, before: yielded, ...items };
}

/** Throws where some cannot be kept. */
function requireKept({ changes, problems }: CollectedFields): ArtifactChanges {
  if (problems.length > 0) throw keepError(problems);
  return changes;
}

/** What the step returns: something to wait for, if it is that. */
function callStep(opened: OpenedTask, spec: TaskSpec, wrappers: readonly StepWrapper[]): unknown {
  const { instance } = opened;
  const method: unknown = Reflect.get(instance, spec.step);
  if (typeof method !== 'function') {
    throw new InternalError(`the flow has no method for its step "${spec.step}"`);
  }
  const given = argumentsOf(opened, spec);
  if (spec.inspect === true) waitForDebugger(spec.step);
  const body = (): unknown => {
    // oxlint-disable-next-line no-debugger -- where a debugger that was waited for stops
    if (spec.inspect === true) debugger;
    return method.apply(instance, given);
  };
  if (wrappers.length === 0 || !isFlow(instance)) return body();
  const [argument] = given;
  opened.wrapped = new WrappedRun({ wrappers, flow: instance, step: spec.step, argument, body });
  return opened.wrapped.run();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHave = typeof value === 'object' || typeof value === 'function';
  return mayHave && value !== null && 'then' in value;
}

/** What the step asked of `next`, or what a decorator means that stood in for it. */
function requestedBy(
  { host, wrapped }: OpenedTask,
  spec: TaskSpec,
): RequestedTransition | undefined {
  const requested = host.end();
  const way = wrapped?.skippedWay;
  return requested ?? (way === undefined ? undefined : skippedTransition(spec, way));
}

function isFlow(instance: object): instance is WrappedCall['flow'] {
  return 'next' in instance;
}

function argumentsOf({ host, join, io }: OpenedTask, spec: TaskSpec): readonly unknown[] {
  switch (spec.takes) {
    case 'nothing':
      return [];
    case 'item':
      return [host.input];
    case 'inputs':
      if (join === undefined) throw new InternalError(`the join "${spec.step}" got no inputs`);
      return [openInputs(join, { io, parameters: spec.parameters })];
  }
}

/** All fields that cannot be kept, at once; the error itself where it is only one. */
function keepError(problems: readonly FieldProblem[]): unknown {
  const [first, ...others] = problems;
  if (first === undefined || others.length === 0) return first?.error;
  const messages = problems.map(({ error }) => (error instanceof Error ? error.message : ''));
  return new FlowError(messages.join(' '), {
    code: 'ARTIFACT_NOT_KEEPABLE',
    cause: first.error,
    ...(isFlowError(first.error) && first.error.hint !== undefined
      ? { hint: first.error.hint }
      : {}),
  });
}

/** A failed attempt's fields, as far as they can be kept: to look at, nobody downstream sees them. */
async function leftBehind(opened: OpenedTask | undefined): Promise<ArtifactChanges> {
  if (opened === undefined) return {};
  const { changes } = await opened.fields.collect();
  return changes;
}
