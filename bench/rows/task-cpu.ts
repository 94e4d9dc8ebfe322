import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEvents } from '../events.ts';
import type { Row } from '../row.ts';
import { summarise, timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const BARE = `process.on('exit', () => { const { user, system } = process.cpuUsage(); console.log((user + system) / 1e3); })`;
const BARE_ROUNDS = 20;

/** What the process of a task that does nothing spends its CPU time on. Nothing here has a budget. */
export function taskCpu(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const { stdout } = await timeProcess(
      [CLI, 'run', 'parts.ts', '--json', '--max-workers', '2'],
      dir,
    );
    const ended = parseEvents(stdout).flatMap((event) =>
      event.type === 'task.succeeded' && event.step === 'work' ? [event.usage?.cpuMs ?? 0] : [],
    );
    const noted: [loadedMs: number, startedMs: number][] = readFileSync(
      join(dir, 'parts.ndjson'),
      'utf8',
    )
      .trim()
      .split('\n')
      .map((line): [number, number] => JSON.parse(line));
    const [boot, loaded, started, whole] = [
      await bareMs(dir),
      median(noted.map(([loadedMs]) => loadedMs)),
      median(noted.map(([, startedMs]) => startedMs)),
      median(ended),
    ];
    const part = (id: string, value: number): Row => {
      const note = `${((100 * value) / whole).toFixed(0)} %`;
      return { id: `task-cpu-${id}`, value, unit: 'CPU ms', note };
    };
    return [
      part('boot', boot),
      part('load', loaded - boot),
      part('start', started - loaded),
      part('end', whole - started),
    ];
  });
}

async function bareMs(dir: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < BARE_ROUNDS; round += 1) {
    times.push(Number((await timeProcess(['-e', BARE], dir)).stdout));
  }
  return median(times);
}

function median(valuesMs: readonly number[]): number {
  return summarise(valuesMs).medianMs;
}
