import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEvents } from '../events.ts';
import { atMost, type Row } from '../row.ts';
import { spread, summarise, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

/** From the line in the journal that launches a task to the first line of its step, the spare being ready. */
export function dispatch(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const { stdout } = await timeProcess([CLI, 'run', 'chain.ts', '--json'], dir);
    const launched = parseEvents(stdout).filter(
      (event) => event.type === 'task.launched' && event.step === 'turn',
    );
    const firsts = readFileSync(join(dir, 'firsts.txt'), 'utf8').trim().split('\n').map(Number);
    const sample = summarise(firsts.map((first, n) => first - (launched[n]?.at ?? Number.NaN)));
    const row = { id: 'dispatch', value: sample.medianMs, unit: 'ms', budget: 5 };
    return [atMost({ ...row, note: spread(sample) })];
  });
}
