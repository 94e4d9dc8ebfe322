import type { ArtifactRef } from '../model/artifact.ts';
import { InternalError } from '../model/errors.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { JoinInputs } from '../model/task.ts';
import { decodeArtifactSync, encodeArtifact } from './artifacts.ts';

/** What a join reads goes through the store: for 100,000 items it is no message. */
export async function encodeJoinInputs(inputs: JoinInputs, blobs: BlobStore): Promise<ArtifactRef> {
  return await encodeArtifact(inputs, blobs, { root: 'the inputs of the join' });
}

/** Only for what `encodeJoinInputs` wrote: the store verifies the bytes, and nobody else makes them. */
export function decodeJoinInputsSync(ref: ArtifactRef, blobs: BlobStore): JoinInputs {
  const inputs = decodeArtifactSync(ref, blobs);
  if (!isJoinInputs(inputs)) throw new InternalError(`${ref.hash} holds no inputs of a join`);
  return inputs;
}

function isJoinInputs(value: unknown): value is JoinInputs {
  return (
    typeof value === 'object' &&
    value !== null &&
    'base' in value &&
    'items' in value &&
    Array.isArray(value.items) &&
    'couldSet' in value
  );
}
