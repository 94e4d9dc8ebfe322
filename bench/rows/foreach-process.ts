import type { FlowEvent } from '../../src/model/events.ts';
import type { Row } from '../row.ts';
import { summarise, timeProcess } from '../timing.ts';
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
      own.push(itemsMs((await timeProcess([CLI, ...args], dir)).stdout));
      bare.push(await spawnBareMs(dir));
    }
    const rates = { own: ITEMS / summarise(own).medianMs, bare: ITEMS / summarise(bare).medianMs };
    const note = `${(rates.own * 1e3).toFixed(1)} tasks/s, bare ${(rates.bare * 1e3).toFixed(1)}`;
    return [{ id: 'foreach-process', value: rates.own / rates.bare, unit: '× bare rate', note }];
  });
}

/** From the first launch of an item to the last one's end. */
function itemsMs(stdout: string): number {
  const events = stdout
    .trim()
    .split('\n')
    .map((line): FlowEvent => JSON.parse(line));
  const items = events.filter((event) => 'step' in event && event.step === 'work');
  return (items.at(-1)?.at ?? 0) - (items[0]?.at ?? 0);
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
