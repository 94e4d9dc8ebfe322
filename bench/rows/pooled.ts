import { parseEvents, spanMs } from '../events.ts';
import { atLeast, type Row } from '../row.ts';
import { spread, summarise, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const ROUNDS = 7;
const COUNT = 5_000;

/** Tasks that set one artifact, in processes that stay; the journal and the store as always. */
export function pooled(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const args = ['many.ts', '--count', String(COUNT), '--isolation', 'pooled', '--json'];
      const { stdout } = await timeProcess([CLI, 'run', ...args], dir);
      times.push(spanMs(parseEvents(stdout), 'work'));
    }
    const sample = summarise(times);
    const value = (COUNT / sample.medianMs) * 1e3;
    const row = { id: 'pooled', value, unit: 'tasks/s', budget: 2_000 };
    return [atLeast({ ...row, note: `${COUNT} in ${spread(sample)}` })];
  });
}
