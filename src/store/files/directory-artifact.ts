import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '../../model/artifact.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import { blobCorrupt } from '../store-errors.ts';
import { type DirectoryEntry, decodeEntries, encodeEntries } from './directory-entries.ts';
import { copyBlob } from './file-artifact.ts';
import { ARTIFACT_HANDLE } from './handle.ts';

/** A directory in the store: a list of files, each read when it is asked for. */
export class DirectoryArtifact {
  /** sha256 over the list of entries, lower-case hex. */
  readonly hash: string;
  readonly #ref: ArtifactRef;
  readonly #blobs: BlobStore;

  constructor(ref: ArtifactRef, blobs: BlobStore) {
    this.hash = ref.hash;
    this.#ref = ref;
    this.#blobs = blobs;
  }

  static async create(
    entries: readonly DirectoryEntry[],
    blobs: BlobStore,
  ): Promise<DirectoryArtifact> {
    const { hash, size } = await blobs.put(encodeEntries(entries));
    return new DirectoryArtifact({ hash, size, encoding: 'directory' }, blobs);
  }

  /** All files and folders below, in the order of their paths. */
  get entries(): readonly DirectoryEntry[] {
    const entries = decodeEntries(this.#blobs.getSync(this.#ref.hash));
    if (entries === undefined) throw blobCorrupt(this.#ref.hash, 'the list of its files');
    return entries;
  }

  /** Writes everything below that directory, with its permissions; replaces files that are there. */
  async copyTo(directory: string): Promise<void> {
    const { entries } = this;
    await mkdir(directory, { recursive: true });
    for (const entry of entries) {
      const path = join(directory, entry.path);
      if (entry.kind === 'file') await copyBlob(entry, this.#blobs, path);
      else await mkdir(path, { recursive: true });
    }
    // Last, and from the inside out: a folder may be read-only.
    for (const entry of entries.toReversed()) {
      if (entry.kind === 'directory') await chmod(join(directory, entry.path), entry.mode);
    }
  }

  /** How the store knows it: by its reference, without reading it. */
  [ARTIFACT_HANDLE](): ArtifactRef {
    return this.#ref;
  }
}
