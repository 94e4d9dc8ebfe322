import type { ArtifactRef } from '../../../src/model/artifact.ts';
import { openMemoryBlobStore } from '../../../src/store/memory/blob-store.ts';
import { type ArtifactIo, openArtifactIo } from '../../../src/worker/artifact-io.ts';

export interface TestIo extends ArtifactIo {
  encode(value: unknown, options?: { readonly root?: string }): Promise<ArtifactRef>;
  /** How often a value was encoded. */
  encoded(): number;
  /** How often a value was decoded. */
  decoded(): number;
}

/** The real thing in memory, with a count of what it is asked to do. */
export function openTestIo(): TestIo {
  const io = openArtifactIo(openMemoryBlobStore());
  let encoded = 0;
  let decoded = 0;
  return {
    async encode(value, options = {}) {
      encoded += 1;
      return io.encode(value, options);
    },
    decode(ref) {
      decoded += 1;
      return io.decode(ref);
    },
    encoded: () => encoded,
    decoded: () => decoded,
  };
}
