import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const stores = new Set<string>();

/** The folder of a store that is gone with this process, if nobody removes it before. */
export function makeTemporaryStore(): string {
  if (stores.size === 0) process.once('exit', removeAll);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  stores.add(folder);
  return join(folder, '.millrace');
}

export function removeTemporaryStore(store: string): void {
  const folder = join(store, '..');
  rmSync(folder, { recursive: true, force: true });
  stores.delete(folder);
  if (stores.size === 0) process.off('exit', removeAll);
}

function removeAll(): void {
  for (const folder of stores) rmSync(folder, { recursive: true, force: true });
}
