import { readdir } from 'node:fs/promises';
import { errnoOf } from '../journal/errno.ts';
import { FlowError } from '../model/errors.ts';

/** The names in a folder of the store; none if there is no such folder. */
export async function readFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return [];
    throw new FlowError(`The store folder ${path} cannot be read: ${errnoOf(error)}.`, {
      code: 'STORE_NOT_READABLE',
      hint: 'make the folder readable, or name another store with --store',
      cause: error,
    });
  }
}
