import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactRef, ArtifactTable } from '../model/artifact.ts';
import type { Position, RunId } from '../model/ids.ts';
import { createRunId, isRunId, RUN_ID_RANDOM_BYTES } from '../model/run-id.ts';
import type { RunFacts, TaskSpec } from '../model/task.ts';
import { defaultRunOptions } from '../runtime/run-defaults.ts';
import { encodeJoinInputs } from '../store/join-inputs.ts';
import { givenFields } from './given-fields.ts';
import { givenFrames, givenPosition } from './given-frames.ts';
import { givenInputs } from './given-inputs.ts';
import { refuse, type SpecRequest } from './spec-request.ts';

/** What the scheduler would tell a worker of the task. */
export async function buildStepSpec(request: SpecRequest): Promise<TaskSpec> {
  const { node, given, parameters } = request;
  const frames = await givenFrames(request);
  const position = givenPosition(request, frames);
  const parallel = givenPlace(request);
  return {
    run: givenRun(request),
    step: node.name,
    position,
    attempt: given.current?.attempt ?? 1,
    takes: node.takes,
    transition: node.transition,
    parameters,
    initial: node.name === 'start',
    frames,
    maxSplits: given.maxSplits ?? defaultRunOptions().maxSplits,
    tempDir: join(tmpdir(), `millrace-test-${process.pid}-${nextNumber()}`),
    ...(await givenStart(request, position)),
    ...(parallel === undefined ? {} : { parallel }),
    ...(node.policy.environment === undefined ? {} : { environment: node.policy.environment }),
  };
}

interface Start {
  readonly artifacts: ArtifactTable;
  readonly inputs?: ArtifactRef;
}

async function givenStart(request: SpecRequest, position: Position): Promise<Start> {
  const { node, given, blobs } = request;
  const artifacts = await givenFields(request);
  if (node.takes === 'inputs') {
    const start = await givenInputs(request, artifacts, position);
    return { artifacts: start.artifacts, inputs: await encodeJoinInputs(start.inputs, blobs) };
  }
  refuse(given.inputs !== undefined, `"${node.name}" is no join, so it takes no inputs`);
  return { artifacts };
}

function givenRun({ read, given, recorded }: SpecRequest): RunFacts {
  const { runId, tags = recorded?.run.tags ?? [] } = given.current ?? {};
  return { id: givenRunId(runId) ?? recorded?.run.id ?? NO_RUN, flow: read.definition.name, tags };
}

/** An id that no run has had. */
const NO_RUN = createRunId(0, new Uint8Array(RUN_ID_RANDOM_BYTES));

function givenRunId(text: string | undefined): RunId | undefined {
  if (text === undefined || isRunId(text)) return text;
  refuse(true, `"${text}" is no run id`, 'run ids are like 1m7ypzdwvz4ne');
  return undefined;
}

function givenPlace({ read, node, given, recorded }: SpecRequest): TaskSpec['parallel'] {
  const inGang = read.graph.edges.some(({ kind, to }) => kind === 'gang' && to === node.name);
  const place = given.current?.parallel ?? recorded?.parallel;
  refuse(given.current?.parallel !== undefined && !inGang, `"${node.name}" is in no gang`);
  if (!inGang) return undefined;
  return { index: 0, size: 1, ...place, mainAddress: '127.0.0.1:1' };
}

let count = 0;

function nextNumber(): number {
  count += 1;
  return count;
}
