import type { Isolation } from '../../src/model/isolation.ts';
import { parseEvents, spanMs } from '../events.ts';
import { atLeast, type Row } from '../row.ts';
import { spread, summarise, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const ROUNDS = 7;

/** Tasks that set one artifact, where no process is started for each; journal and store as always. */
export function smallTasks(id: 'pooled' | 'inline', { count, budget }: SmallTasks): Promise<Row[]> {
  const isolation: Isolation = id;
  return inWorkspace(async (dir) => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const args = ['many.ts', '--count', String(count), '--isolation', isolation, '--json'];
      const { stdout } = await timeProcess([CLI, 'run', ...args], dir);
      times.push(spanMs(parseEvents(stdout), 'work'));
    }
    const sample = summarise(times);
    const row = { id, value: (count / sample.medianMs) * 1e3, unit: 'tasks/s', budget };
    return [atLeast({ ...row, note: `${count} in ${spread(sample)}` })];
  });
}

interface SmallTasks {
  readonly count: number;
  /** Tasks per second. */
  readonly budget: number;
}
