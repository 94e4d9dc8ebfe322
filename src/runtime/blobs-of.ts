import type { ArtifactRef } from '../model/artifact.ts';
import type { Hash } from '../model/ids.ts';

/** What the refs name that is no part of the event itself. */
export function blobsOf(refs: readonly (ArtifactRef | null)[]): readonly Hash[] {
  return refs.flatMap((ref) => (ref === null || ref.inline !== undefined ? [] : [ref.hash]));
}
