import { parseEvents, spanMs } from '../events.ts';
import { atLeast, type Row } from '../row.ts';
import { STEADY_SPREAD, summarise, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const ITEMS = 200;
const WORKERS = 2;

/** 200 no-ops in fresh processes, 2 at a time, against bare spawns at the same width. */
export function foreachProcess(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const own: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const args = ['run', 'each.ts', '--json', '--max-workers', String(WORKERS)];
      const { stdout } = await timeProcess([CLI, ...args], dir);
      own.push(spanMs(parseEvents(stdout), 'work'));
      bare.push(await spawnBareMs(dir));
    }
    const rates = { own: ITEMS / summarise(own).medianMs, bare: ITEMS / summarise(bare).medianMs };
    const note = `${(rates.own * 1e3).toFixed(1)} tasks/s, bare ${(rates.bare * 1e3).toFixed(1)}`;
    const value = rates.own / rates.bare;
    const row = { id: 'foreach-process', value, unit: '× bare rate', budget: 0.8, note };
    const { middleMs, medianMs } = summarise(bare);
    return [atLeast(row, middleMs <= STEADY_SPREAD * medianMs)];
  });
}

async function spawnBareMs(dir: string): Promise<number> {
  const startedMs = performance.now();
  let left = ITEMS;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await timeProcess(['-e', '0'], dir);
  };
  await Promise.all(Array.from({ length: WORKERS }, lane));
  return performance.now() - startedMs;
}
