import type { ArtifactTable } from '../model/artifact.ts';
import { innerPosition, type Position } from '../model/ids.ts';
import { EMPTY_SCOPE, extendScope, flatten, joinScope } from '../model/lineage.ts';
import type { JoinInput, JoinInputs } from '../model/task.ts';
import { fieldsSetBetween } from '../runtime/fields-between.ts';
import { decodeJoinInputsSync } from '../store/join-inputs.ts';
import { encodeFields, overlay } from './given-fields.ts';
import { refuse, type SpecRequest } from './spec-request.ts';

export interface JoinStart {
  /** What no input changed. */
  readonly artifacts: ArtifactTable;
  readonly inputs: JoinInputs;
}

/** What a join starts with, found as the scheduler finds it. `fork`: what the step before the join's frame had. */
export async function givenInputs(
  request: SpecRequest,
  fork: ArtifactTable,
  position: Position,
): Promise<JoinStart> {
  const { read, node, given, blobs, recorded } = request;
  const known = recorded?.inputs && decodeJoinInputsSync(recorded.inputs, blobs);
  const items = (await itemsFor(request, position)) ?? known?.items ?? [];
  refuse(
    given.inputs === undefined && known === undefined,
    `"${node.name}" is a join`,
    'give `inputs`: what each of them had set',
  );
  const base =
    known === undefined
      ? fork
      : overlay(known.base, await encodeFields(given.artifacts ?? {}, blobs));
  const scope = extendScope(EMPTY_SCOPE, base);
  const joined = joinScope(
    scope,
    items.map(({ changes }) => extendScope(scope, changes)),
  );
  return {
    artifacts: flatten(joined.scope),
    inputs: {
      base,
      items: items.map((item, n) => ({ ...item, changes: joined.changedPerInput[n] ?? {} })),
      couldSet: fieldsSetBetween(read.graph, node.closes ?? 'start', node.name),
    },
  };
}

async function itemsFor(
  request: SpecRequest,
  position: Position,
): Promise<readonly JoinInput[] | undefined> {
  const { inputs } = request.given;
  if (inputs === undefined) return undefined;
  return isList(inputs)
    ? itemsOfForeach(request, inputs, position)
    : itemsOfBranches(request, inputs, position);
}

async function itemsOfForeach(
  request: SpecRequest,
  inputs: readonly object[],
  position: Position,
): Promise<readonly JoinInput[]> {
  const { node, blobs } = request;
  const before = stepsBefore(request);
  refuse(
    node.joins === 'branches',
    `the inputs of "${node.name}" come from ${before.join(', ')}`,
    'give them by these names: { step: { field: value } }',
  );
  const [step = node.name] = before;
  const around = node.levels.length === 0 ? undefined : position;
  return Promise.all(
    inputs.map(async (fields, index) => ({
      step,
      position: innerPosition(around, { kind: 'item', index }),
      changes: await encodeFields(fields, blobs),
    })),
  );
}

async function itemsOfBranches(
  request: SpecRequest,
  inputs: { readonly [step: string]: object | undefined },
  position: Position,
): Promise<readonly JoinInput[]> {
  const { node, blobs } = request;
  const before = stepsBefore(request);
  refuse(
    node.joins === 'frame',
    `"${node.name}" closes a foreach`,
    'give its inputs as a list, in the order of the items',
  );
  const unknown = Object.keys(inputs).find((name) => !before.includes(name));
  refuse(unknown !== undefined, `"${unknown}" does not lead to "${node.name}"`);
  const live = before.filter((name) => inputs[name] !== undefined);
  return Promise.all(
    live.map(async (step) => ({
      step,
      position,
      changes: await encodeFields(inputs[step] ?? {}, blobs),
    })),
  );
}

/** In the order of their declaration, as a run has them. */
function stepsBefore({ read, node }: SpecRequest): readonly string[] {
  return read.graph.edges.filter(({ to }) => to === node.name).map(({ from }) => from);
}

function isList(inputs: object): inputs is readonly object[] {
  return Array.isArray(inputs);
}
