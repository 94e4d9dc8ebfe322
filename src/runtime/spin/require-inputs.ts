import type { ArtifactRef } from '../../model/artifact.ts';
import { FlowError } from '../../model/errors.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { TaskSpec } from '../../model/task.ts';
import { decodeJoinInputsSync } from '../../store/join-inputs.ts';

/** Throws FlowError `INPUTS_GONE` where something that the task may read is not in the store. */
export async function requireInputs(spec: TaskSpec, blobs: BlobStore): Promise<void> {
  const gone: string[] = [];
  for (const [name, ref] of namedInputs(spec, blobs)) {
    if (ref.inline === undefined && !(await blobs.has(ref.hash))) gone.push(name);
  }
  if (gone.length === 0) return;
  const which = [...new Set(gone)].join(', ');
  throw new FlowError(`The inputs of ${spec.step}/${spec.position} are gone: ${which}.`, {
    code: 'INPUTS_GONE',
    hint: 'the store was cleaned up since: run the flow again, then spin the task of that run',
  });
}

/** Everything that the task may read, under a name for people. */
export function* namedInputs(spec: TaskSpec, blobs: BlobStore): Generator<[string, ArtifactRef]> {
  yield* Object.entries(spec.artifacts);
  yield* Object.entries(spec.parameters);
  for (const { step, item } of spec.frames) yield [`the items of ${step}`, item.page];
  if (spec.inputs === undefined) return;
  const join = decodeJoinInputsSync(spec.inputs, blobs);
  yield* Object.entries(join.base);
  for (const { step, position, changes } of join.items) {
    for (const [name, ref] of Object.entries(changes)) {
      if (ref !== null) yield [`${name} of ${step}/${position}`, ref];
    }
  }
}
