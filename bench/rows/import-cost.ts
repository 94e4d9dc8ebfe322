import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Row } from '../row.ts';
import { compare, noteOf, timeProcess } from '../timing.ts';
import { inWorkspace, WORKER } from '../workspace.ts';

/** What the worker costs over an empty file, before it is told anything: compiled already, as for tasks. */
export function importCost(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const empty = join(dir, 'empty.cjs');
    writeFileSync(empty, '');
    const load = (file: string) => async () => {
      const script = `require(${JSON.stringify(file)}); process.exit(0)`;
      return (await timeProcess(['-e', script], dir)).wallMs;
    };
    const pair = await compare(21, load(WORKER), load(empty));
    const value = pair.own.medianMs - pair.bare.medianMs;
    const row = { id: 'import-cost', value, unit: 'ms', budget: 8, note: noteOf(pair) };
    return [atMost(row, pair.isSteady)];
  });
}
