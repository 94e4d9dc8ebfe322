import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Row } from '../row.ts';
import { compare, noteOf, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const SIZE = 256 * 1024 * 1024;

/** A 256 MiB Buffer through three steps, against copying and hashing a file of its size. */
export function artifact256m(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const file = join(dir, 'plain.bin');
    writeFileSync(file, randomBytes(SIZE));
    const store = join(dir, 'store');
    const copy = join(dir, 'copy.bin');
    const pair = await compare(
      7,
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
    );
    const value = pair.own.medianMs / pair.bare.medianMs;
    const unit = '× cp+sha256sum';
    const time = { id: 'artifact-256m', value, unit, budget: 3, note: noteOf(pair) };
    const peak = peakBytes(dir) / SIZE;
    return [
      atMost(time, pair.isSteady),
      atMost({ id: 'artifact-256m-rss', value: peak, unit: '× its size', budget: 2.2 }),
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
