import { transientFields } from '../flow/decorators/transient.ts';
import { instantiate } from '../flow/flow-instance.ts';
import { isParameter } from '../flow/parameters/parameter.ts';
import type { ArtifactChanges, ArtifactRef, ArtifactTable } from '../model/artifact.ts';
import { EMPTY_SCOPE, extendScope, flatten } from '../model/lineage.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import { encodeArtifact } from '../store/artifacts.ts';
import { openArtifactIo } from '../worker/artifact-io.ts';
import { Fields } from '../worker/fields.ts';
import type { SpecRequest } from './spec-request.ts';

/** What a task of the step would inherit: recorded or initial values, under those given. */
export async function givenFields(request: SpecRequest): Promise<ArtifactTable> {
  const { given, blobs, recorded } = request;
  const before = recorded?.artifacts ?? (await initialFields(request));
  return overlay(before, await encodeFields(given.artifacts ?? {}, blobs));
}

/** A field without a value is one that was deleted. */
export async function encodeFields(fields: object, blobs: BlobStore): Promise<ArtifactChanges> {
  const changes: Record<string, ArtifactRef | null> = Object.create(null);
  for (const [name, value] of Object.entries(fields)) {
    const root = `the field "${name}"`;
    changes[name] = value === undefined ? null : await encodeArtifact(value, blobs, { root });
  }
  return changes;
}

export function overlay(before: ArtifactTable, changes: ArtifactChanges): ArtifactTable {
  return flatten(extendScope(extendScope(EMPTY_SCOPE, before), changes));
}

/** What the step `start` records of fields that nobody sets. */
async function initialFields({
  read,
  node,
  blobs,
  parameters,
}: SpecRequest): Promise<ArtifactTable> {
  if (node.name === 'start') return {};
  const instance = instantiate(read.flow);
  const fields = new Fields(instance, {
    io: openArtifactIo(blobs),
    artifacts: {},
    parameters,
    initial: true,
    transient: transientFields(instance),
    ambiguous: new Set(),
    isParameter,
  });
  const { changes, problems } = await fields.collect();
  const [problem] = problems;
  if (problem !== undefined) throw problem.error;
  return overlay({}, changes);
}
