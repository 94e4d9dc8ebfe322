import type { Awaitable } from '../base/awaitable.ts';
import type { ArtifactRef } from '../model/artifact.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import {
  decodeArtifactSync,
  type EncodeArtifactOptions,
  encodeArtifact,
} from '../store/artifacts.ts';

/** Values to refs and back, over the task's blob store. */
export interface ArtifactIo {
  /** Throws FlowError: the value, or something inside it, cannot be kept. */
  encode(value: unknown, options: EncodeArtifactOptions): Awaitable<ArtifactRef>;
  /** Synchronous, because it happens inside a property read. */
  decode(ref: ArtifactRef): unknown;
}

export function openArtifactIo(blobs: BlobStore): ArtifactIo {
  return {
    encode: (value, options) => encodeArtifact(value, blobs, options),
    decode: (ref) => decodeArtifactSync(ref, blobs),
  };
}
