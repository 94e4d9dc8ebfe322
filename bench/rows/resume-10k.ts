import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { atMost, type Row } from '../row.ts';
import { spread, summarise, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const ROUNDS = 7;

/** A resume of 10,000 done tasks, until its first task starts; and the dry run of it. */
export function resume10k(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    await timeProcess([CLI, 'run', 'broken.ts'], dir).catch(() => {});
    const resumed: number[] = [];
    const dry: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      dry.push((await timeProcess([CLI, 'resume', 'broken.ts', '--dry-run'], dir)).wallMs);
      resumed.push(await untilFirstLaunchMs(dir));
    }
    const row = (id: string, times: number[], budget: number): Row => {
      const sample = summarise(times);
      return atMost({ id, value: sample.medianMs, unit: 'ms', budget, note: spread(sample) });
    };
    return [row('resume-10k', resumed, 1_000), row('resume-10k-dry', dry, 1_500)];
  });
}

/** It fails again, so each round resumes as many tasks as the one before. */
function untilFirstLaunchMs(dir: string): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [CLI, 'resume', 'broken.ts', '--json'], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    let tail = '';
    let firstMs: number | undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-text.length - 100);
      if (tail.includes('"task.launched"')) firstMs ??= performance.now() - startedMs;
    });
    child.on('error', reject);
    child.on('close', () => {
      if (firstMs === undefined) reject(new Error('the resume launched nothing'));
      else resolve(firstMs);
    });
  });
}
