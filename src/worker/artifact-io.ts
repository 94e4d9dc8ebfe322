import type { ArtifactRef } from '../model/artifact.ts';

/** Values to refs and back, over the task's blob store. */
export interface ArtifactIo {
  /** Throws FlowError: the value, or something inside it, cannot be kept. */
  encode(value: unknown): Promise<ArtifactRef>;
  /** Synchronous, because it happens inside a property read. */
  decode(ref: ArtifactRef): unknown;
}
