import { sep } from 'node:path';
import type { Awaitable } from '../base/awaitable.ts';
import type { ArtifactRef } from '../model/artifact.ts';
import type { FailedTask } from '../model/events.ts';
import type { GraphNode } from '../model/graph.ts';
import { itemRef } from '../model/item-page.ts';
import { flatten } from '../model/lineage.ts';
import type { ItemFrame, TaskSpec } from '../model/task.ts';
import { encodeJoinInputs } from '../store/join-inputs.ts';
import { fieldsSetBetween } from './fields-between.ts';
import type { RunParts } from './run-parts.ts';
import type { FrameView } from './scheduler/open-frames.ts';

type SpecParts = Pick<
  RunParts,
  'graph' | 'run' | 'parameters' | 'options' | 'tempDir' | 'blobs' | 'scheduler'
>;

/** Everything that a worker needs to know of one attempt. */
export function buildTaskSpec(
  parts: SpecParts,
  node: GraphNode,
  task: FailedTask,
): Awaitable<TaskSpec> {
  const spec = specWithoutInputs(parts, node, task);
  if (node.takes !== 'inputs') return spec;
  return writeInputs(parts, node, task).then((inputs) => ({ ...spec, inputs }));
}

function specWithoutInputs(parts: SpecParts, node: GraphNode, task: FailedTask): TaskSpec {
  const { scheduler, options, run, parameters, tempDir } = parts;
  const yielded = scheduler.yieldedBy(task);
  return {
    run,
    step: task.step,
    position: task.position,
    attempt: task.attempt,
    takes: node.takes,
    transition: node.transition,
    parameters,
    artifacts: flatten(scheduler.startOf(task)),
    initial: node.name === 'start',
    frames: scheduler.framesOf(task).map(itemFrame),
    maxSplits: options.maxSplits,
    tempDir: `${tempDir}${sep}${task.step}-${task.position}-${task.attempt}`,
    ...(yielded === undefined ? {} : { yielded }),
    ...(node.policy.environment === undefined ? {} : { environment: node.policy.environment }),
  };
}

/** A join of many items has a long list of inputs: it goes through the store, not through a message. */
function writeInputs(parts: SpecParts, node: GraphNode, task: FailedTask): Promise<ArtifactRef> {
  const { fork, inputs, changedPerInput } = parts.scheduler.joinOf(task);
  const items = inputs.map(({ step, position }, n) => ({
    step,
    position,
    changes: changedPerInput[n] ?? {},
  }));
  const couldSet = fieldsSetBetween(parts.graph, fork.step, node.name);
  return encodeJoinInputs({ base: flatten(fork.scope), items, couldSet }, parts.blobs);
}

function itemFrame({ step, index, size, pages }: FrameView): ItemFrame {
  const item = itemRef(pages, index);
  return size === undefined ? { step, index, item } : { step, index, size, item };
}
