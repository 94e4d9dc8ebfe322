import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Isolation } from '../../src/model/isolation.ts';
import { parseEvents, spanMs } from '../events.ts';
import { atLeast, type Row } from '../row.ts';
import { spread, summarise, timeProcess, timeProgram } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const ROUNDS = 7;

/**
 * Tasks that set one artifact, where no process is started for each; journal and store as always. The
 * times are those of the journal, and what the runs left is checked.
 */
export function smallTasks(id: 'pooled' | 'inline', { count, budget }: SmallTasks): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await runOnce(dir, id, count));
    await timeProcess([CLI, 'fsck'], dir);
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

async function runOnce(dir: string, isolation: Isolation, count: number): Promise<number> {
  const options = ['--count', `${count}`, '--isolation', isolation, '--run-id-file', 'run-id'];
  const command = [process.execPath, CLI, 'run', 'many.ts', ...options];
  await timeProgram(command, { cwd: dir, isUnread: true });
  const run = readFileSync(join(dir, 'run-id'), 'utf8');
  const journal = join(dir, '.millrace/flows/Many', run, 'journal.ndjson');
  return spanMs(parseEvents(readFileSync(journal, 'utf8')), 'work');
}
