import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const living = new Set<string>();
let isWatching = false;

/** A folder that goes with this process at the latest, unless that is killed with SIGKILL. */
export function makeTemporaryFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
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
