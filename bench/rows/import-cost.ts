import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Row } from '../row.ts';
import { inTurns, spread, timeProcess } from '../timing.ts';
import { inWorkspace, WORKER } from '../workspace.ts';

/** What the worker bundle costs over an empty file, before it is told anything. */
export function importCost(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const empty = join(dir, 'empty.cjs');
    writeFileSync(empty, '');
    const load = (file: string) => async () => {
      const script = `require(${JSON.stringify(file)}); process.exit(0)`;
      return (await timeProcess(['-e', script], dir)).wallMs;
    };
    const [worker, bare] = await inTurns(21, [load(WORKER), load(empty)]);
    if (worker === undefined || bare === undefined) return [];
    const note = `${spread(worker)}, empty ${spread(bare)}`;
    return [
      atMost({
        id: 'import-cost',
        value: worker.medianMs - bare.medianMs,
        unit: 'ms',
        budget: 8,
        note,
      }),
    ];
  });
}
