import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FlowError } from '../../model/errors.ts';
import type { BlobInfo } from '../../model/ports/blob-store.ts';
import type { DirectoryEntry } from './directory-entries.ts';

/** All below a directory, in the order of their paths, so that equal directories give equal artifacts. */
export async function readDirectory(
  root: string,
  keep: (path: string) => Promise<BlobInfo>,
): Promise<readonly DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const found of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? found.name : `${folder}/${found.name}`;
      const mode = (await lstat(join(root, path))).mode & 0o777;
      if (found.isDirectory()) {
        entries.push({ kind: 'directory', path, mode });
        pending.push(path);
      } else if (found.isFile()) {
        entries.push({ kind: 'file', path, mode, ...(await keep(join(root, path))) });
      } else {
        throw unkeepable(join(root, path), found.isSymbolicLink());
      }
    }
  }
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function unkeepable(path: string, isLink: boolean): FlowError {
  const what = isLink ? 'a symbolic link' : 'neither a file nor a directory';
  return new FlowError(`${path} is ${what}, which an artifact cannot hold.`, {
    code: 'ARTIFACT_FILE_MISSING',
    hint: isLink ? 'put the file itself there, or keep it apart with artifact.file()' : 'remove it',
    details: { path },
  });
}
