import type { ArtifactRef, Encoding } from '../model/artifact.ts';
import type { Hash } from '../model/ids.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import { decodeArtifact } from '../store/artifacts.ts';
import { claimed } from './claimed.ts';

/** A named value that a task left, or a parameter: what is known of it without reading it. */
export class Artifact<T = unknown> {
  readonly name: string;
  /** `Flow/run/step/task/name`. */
  readonly pathspec: string;
  readonly #ref: ArtifactRef;
  readonly #blobs: BlobStore;

  /** @internal From a task: `task.artifact(name)`. */
  constructor(pathspec: string, ref: ArtifactRef, blobs: BlobStore) {
    this.pathspec = pathspec;
    this.name = pathspec.slice(pathspec.lastIndexOf('/') + 1);
    this.#ref = ref;
    this.#blobs = blobs;
  }

  /** sha256 of the encoded bytes: equal for equal values of one encoding, in every run. */
  get hash(): Hash {
    return this.#ref.hash;
  }

  /** Encoded bytes. */
  get size(): number {
    return this.#ref.size;
  }

  /** How its bytes become a value again. */
  get encoding(): Encoding {
    return this.#ref.encoding;
  }

  /**
   * Reads it; a fresh value each time. Values that a flow keeps with `registerCodec` need the same
   * codec to be registered here.
   *
   * @throws FlowError `STORE_BLOB_MISSING`, `STORE_BLOB_CORRUPT`, `CODEC_MISSING`.
   */
  async value(): Promise<T> {
    return claimed(await decodeArtifact(this.#ref, this.#blobs));
  }
}
