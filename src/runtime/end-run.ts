import { rmSync } from 'node:fs';
import { writeRunIndex } from '../journal/index-file.ts';
import { releaseLock } from '../journal/liveness.ts';
import type { Supervisor } from '../process/supervisor.ts';
import type { RunParts } from './run-parts.ts';

/** However a run ended: its processes go, its journal is closed, its lock and temporary files go. */
export async function endRun(parts: RunParts, supervisor: Supervisor): Promise<void> {
  await parts.executor.close();
  try {
    // While the disk is waited for, the guard looks for processes that are left.
    await Promise.all([parts.journal.close(), supervisor.close()]);
    indexIfPossible(parts);
  } finally {
    releaseLock(parts.dir);
    rmSync(parts.tempDir, { recursive: true, force: true });
    for (const reader of parts.readers) await reader.close?.();
  }
}

/** The index only saves time: a disk that is full now is no failure of the run. */
function indexIfPossible({ dir, journal, indexer }: RunParts): void {
  try {
    writeRunIndex(dir, indexer.end(journal.length));
  } catch {
    // It is made when somebody asks for it.
  }
}
