import { FlowError } from '../model/errors.ts';
import type { Hash } from '../model/ids.ts';

/** The system's name for what went wrong (`ENOSPC`, `EACCES`), if it has one. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const UNWRITABLE: { readonly [errno: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  // Also what Node makes of EROFS while it makes folders.
  ENOENT: 'a folder of its path is missing and cannot be made',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the place of a folder',
};

/** A system error as what it means for the store; everything else comes back as it was. */
export function asStoreError(error: unknown, path: string): unknown {
  const errno = errnoOf(error);
  const reason = errno === undefined ? undefined : UNWRITABLE[errno];
  if (reason === undefined) return error;
  return new FlowError(`The store cannot be written at ${path}: ${reason}.`, {
    code: 'STORE_NOT_WRITABLE',
    hint: 'make room or make the folder writable, or name another store with --store or MILLRACE_STORE',
    details: { path, errno: errno ?? null },
    cause: error,
  });
}

export function blobMissing(hash: Hash, place: string): FlowError {
  return new FlowError(`The blob ${hash} is missing: there is no ${place}.`, {
    code: 'STORE_BLOB_MISSING',
    hint: 'put the file back from a copy of the store, or run the flow again to make it anew',
    details: { hash, file: place },
  });
}

export function blobCorrupt(hash: Hash, place: string): FlowError {
  return new FlowError(
    `The blob ${hash} is damaged: ${place} does not hold the bytes of its name.`,
    {
      code: 'STORE_BLOB_CORRUPT',
      hint: 'remove the file, then put it back from a copy of the store or run the flow again to make it anew',
      details: { hash, file: place },
    },
  );
}

export function blobUnreadable(hash: Hash, place: string, cause: unknown): FlowError {
  return new FlowError(
    `The blob ${hash} cannot be read: ${place}: ${errnoOf(cause) ?? String(cause)}.`,
    {
      code: 'STORE_NOT_READABLE',
      hint: 'make the store readable for the user that runs the flow',
      details: { hash, file: place },
      cause,
    },
  );
}
