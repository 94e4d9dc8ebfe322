import { accessSync, constants, statSync } from 'node:fs';

/** Why no process can work in a folder; undefined where one can. */
export function folderProblem(path: string): string | undefined {
  try {
    if (!statSync(path).isDirectory()) return 'that is no folder';
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such folder';
    return `that folder cannot be entered (${code || String(error)})`;
  }
}
