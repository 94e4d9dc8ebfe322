import { createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactRef } from '../../model/artifact.ts';
import type { Hash } from '../../model/ids.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import { ARTIFACT_HANDLE } from './handle.ts';

export interface FileFacts {
  readonly name: string;
  readonly hash: Hash;
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
}

/** A file in the store. Its bytes are read when they are asked for. */
export class FileArtifact {
  readonly name: string;
  /** sha256 of the content, lower-case hex. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  readonly #facts: FileFacts;
  readonly #blobs: BlobStore;

  constructor(facts: FileFacts, blobs: BlobStore) {
    this.name = facts.name;
    this.hash = facts.hash;
    this.size = facts.size;
    this.#facts = facts;
    this.#blobs = blobs;
  }

  /** The content in pieces; damaged content is an error at the end. */
  stream(): Readable {
    return this.#blobs.stream(this.#facts.hash);
  }

  /** The whole content in memory. */
  async bytes(): Promise<Uint8Array> {
    return await this.#blobs.get(this.#facts.hash);
  }

  /** The whole content as UTF-8. */
  async text(): Promise<string> {
    return Buffer.from(await this.bytes()).toString('utf8');
  }

  /** Writes the content to that path, with the permissions that the file had; replaces what is there. */
  async copyTo(path: string): Promise<void> {
    await copyBlob(this.#facts, this.#blobs, path);
  }

  /** How the store knows it: by its reference, without reading it. */
  [ARTIFACT_HANDLE](): ArtifactRef {
    const { hash, size, name, mode } = this.#facts;
    return { hash, size, encoding: 'file', meta: { name, mode } };
  }
}

export async function copyBlob(
  { hash, mode }: Pick<FileFacts, 'hash' | 'mode'>,
  blobs: BlobStore,
  path: string,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await pipeline(blobs.stream(hash), createWriteStream(path, { mode }));
  await chmod(path, mode);
}

export function fileFromRef(ref: ArtifactRef, blobs: BlobStore): FileArtifact {
  const name = ref.meta?.['name'];
  const mode = ref.meta?.['mode'];
  const facts: FileFacts = {
    hash: ref.hash,
    size: ref.size,
    name: typeof name === 'string' ? basename(name) : ref.hash,
    mode: typeof mode === 'number' ? mode & 0o777 : 0o644,
  };
  return new FileArtifact(facts, blobs);
}
