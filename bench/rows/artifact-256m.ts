import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Row } from '../row.ts';
import { inTurns, spread, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const SIZE = 256 * 1024 * 1024;

/** A 256 MiB Buffer through three steps, against copying and hashing a file of its size. */
export function artifact256m(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const file = join(dir, 'plain.bin');
    writeFileSync(file, randomBytes(SIZE));
    const store = join(dir, 'store');
    const copy = join(dir, 'copy.bin');
    const [own, plain] = await inTurns(7, [
      async () => {
        const { wallMs } = await timeProcess([CLI, 'run', 'artifact.ts', '--store', store], dir);
        rmSync(store, { recursive: true });
        return wallMs;
      },
      async () => {
        const wallMs = copyAndHashMs(file, copy);
        rmSync(copy);
        return wallMs;
      },
    ]);
    if (own === undefined || plain === undefined) return [];
    const note = `${spread(own)}, cp + sha256sum ${spread(plain)}`;
    const value = own.medianMs / plain.medianMs;
    return [
      atMost({ id: 'artifact-256m', value, unit: '× cp+sha256sum', budget: 3, note }),
      atMost({
        id: 'artifact-256m-rss',
        value: peakBytes(dir) / SIZE,
        unit: '× its size',
        budget: 2.2,
      }),
    ];
  });
}

/** The largest of all the children of all rounds. */
function peakBytes(dir: string): number {
  return Math.max(...readFileSync(join(dir, 'peaks.txt'), 'utf8').trim().split('\n').map(Number));
}

function copyAndHashMs(file: string, copy: string): number {
  const startedMs = performance.now();
  spawnSync('cp', [file, copy]);
  spawnSync('sha256sum', [copy]);
  return performance.now() - startedMs;
}
