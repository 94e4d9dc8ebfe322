import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url));
/** What `millrace/client` is, for programs outside of any project. */
export const CLIENT = new URL('../dist/client/index.js', import.meta.url).href;
export const WORKER = fileURLToPath(new URL('../dist/worker/worker.cjs', import.meta.url));

const FLOWS = fileURLToPath(new URL('flows', import.meta.url));

/** A folder of its own with the bench's flows in it, gone afterwards. */
export async function inWorkspace<T>(work: (dir: string) => Promise<T>, flows = FLOWS): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    cpSync(flows, dir, { recursive: true });
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
