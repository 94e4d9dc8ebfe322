import { join } from 'node:path';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { isFlowError } from '../../model/errors.ts';
import type { Hash } from '../../model/ids.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import { decodeEntries } from '../../store/files/directory-entries.ts';
import { isHash } from '../../store/hash.ts';
import { readFolder } from '../read-folder.ts';
import { damage } from './finding.ts';

/** Every blob of the store, read once. */
export class BlobCheck {
  readonly findings: Diagnostic[] = [];
  /** Those whose bytes match their name. */
  readonly sound = new Set<Hash>();
  bytes = 0;
  readonly #blobs: BlobStore;
  /** Damaged ones are here, so that they are not called missing as well. */
  readonly #present = new Set<Hash>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  async readAll(folder: string): Promise<void> {
    for (const prefix of await readFolder(folder)) {
      if (prefix.length !== 2) this.#stray(join(folder, prefix));
      for (const name of await readFolder(join(folder, prefix))) {
        const path = join(folder, prefix, name);
        if (isHash(name) && name.startsWith(prefix)) await this.#read(name);
        else this.#stray(path);
      }
    }
  }

  has(hash: Hash): boolean {
    return this.#present.has(hash);
  }

  /** The blobs of the files of a directory artifact. */
  async filesOf(hash: Hash): Promise<readonly Hash[]> {
    if (!this.sound.has(hash)) return [];
    const entries = decodeEntries(await this.#blobs.get(hash)) ?? [];
    return entries.flatMap((entry) => (entry.kind === 'file' ? [entry.hash] : []));
  }

  async #read(hash: Hash): Promise<void> {
    this.#present.add(hash);
    try {
      for await (const chunk of this.#blobs.stream(hash)) this.bytes += Number(chunk.length);
      this.sound.add(hash);
    } catch (error) {
      if (!isFlowError(error)) throw error;
      this.#complain(
        error.code.toLowerCase().replaceAll('_', '-'),
        error.message,
        error.hint ?? '',
      );
    }
  }

  #stray(path: string): void {
    this.#complain('blob-stray', `${path} is no blob.`, 'it is not ours: move it elsewhere');
  }

  #complain(code: string, message: string, hint: string): void {
    this.findings.push(damage(code, message, hint));
  }
}
