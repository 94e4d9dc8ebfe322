import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowError } from '../model/errors.ts';

const living = new Set<string>();
let isWatching = false;

/** A folder that goes with this process at the latest, unless that is killed with SIGKILL. */
export function makeTemporaryFolder(prefix: string): string {
  const folder = makeFolder(join(tmpdir(), prefix));
  living.add(folder);
  if (!isWatching) {
    isWatching = true;
    process.once('exit', () => [...living].forEach(removeTemporaryFolder));
  }
  return folder;
}

export function removeTemporaryFolder(folder: string): void {
  living.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

function makeFolder(prefix: string): string {
  try {
    return mkdtempSync(prefix);
  } catch (error) {
    throw asTemporaryError(error);
  }
}

/** An error of the system in the temporary folder, as what is to be done about it. */
export function asTemporaryError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = UNUSABLE[code];
  if (reason === undefined) return error;
  return new FlowError(`The temporary folder ${tmpdir()} cannot be used: ${reason}.`, {
    code: 'TEMPORARY_FOLDER_UNUSABLE',
    hint: 'make room or make it writable, or name another folder with the variable TMPDIR',
    cause: error,
  });
}

const UNUSABLE: { readonly [errno: string]: string | undefined } = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'it is no folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
};
