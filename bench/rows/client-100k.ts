import { atMost, type Row } from '../row.ts';
import { spread, summarise, timeProcess } from '../timing.ts';
import { CLI, CLIENT, inWorkspace } from '../workspace.ts';

const COUNT = 100_000;
const ROUNDS = 7;

/** One artifact of a run of 100,000 tasks, by a program that has just been started. */
export function client100k(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    await timeProcess([CLI, 'run', 'many.ts', '--count', `${COUNT}`, '--isolation', 'inline'], dir);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = Math.floor((COUNT / ROUNDS) * round);
      const { wallMs, stdout } = await timeProcess(program(item), dir);
      if (stdout !== `${item}\n`) throw new Error(`item ${item} came back as ${stdout}`);
      times.push(wallMs);
    }
    const sample = summarise(times);
    const row = { id: 'client-100k', value: sample.medianMs, unit: 'ms', budget: 300 };
    return [atMost({ ...row, note: spread(sample) })];
  });
}

function program(item: number): string[] {
  const text = `
    import { Run } from ${JSON.stringify(CLIENT)};
    const run = await Run.find('latest');
    console.log(await run.task('work', '${item}').artifacts.value);`;
  return ['--input-type=module', '--eval', text];
}
