import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hash } from '../../model/ids.ts';
import { asStoreError } from '../store-errors.ts';

/** Brings blobs, and the names of their files, onto the disk itself: they survive a power cut then. */
export async function syncBlobs(root: string, hashes: readonly Hash[]): Promise<void> {
  const folders = new Set<string>();
  for (const hash of hashes) {
    const folder = join(root, 'blobs', hash.slice(0, 2));
    folders.add(folder);
    await syncPath(join(folder, hash));
  }
  for (const folder of folders) await syncPath(folder);
  if (folders.size > 0) await syncPath(join(root, 'blobs'));
}

async function syncPath(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asStoreError(error, path);
  }
}
