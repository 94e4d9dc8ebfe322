import type { ArtifactRef } from '../../model/artifact.ts';

/** Marks values that are in the store already, and gives their ref. Across copies of this package. */
export const ARTIFACT_HANDLE = Symbol.for('millrace.artifactHandle');

interface ArtifactHandle {
  [ARTIFACT_HANDLE](): ArtifactRef;
}

export function isArtifactHandle(value: unknown): value is ArtifactHandle {
  return typeof value === 'object' && value !== null && ARTIFACT_HANDLE in value;
}
