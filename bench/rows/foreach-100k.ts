import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Row } from '../row.ts';
import { timeProcess } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const NARROW = 25_000;
const WIDE = 100_000;
const MIB = 2 ** 20;

/** A foreach of 100,000 pooled tasks: the memory of the scheduler, and its time against a quarter. */
export function foreach100k(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    const narrow = await run(NARROW, dir);
    const wide = await run(WIDE, dir);
    const growth = wide.wallMs / WIDE / (narrow.wallMs / NARROW);
    const note = `${(wide.wallMs / 1e3).toFixed(1)} s`;
    return [
      atMost({
        id: 'foreach-100k-rss',
        value: wide.peakBytes / MIB,
        unit: 'MB',
        budget: 300,
        note,
      }),
      atMost({ id: 'foreach-100k', value: growth, unit: '× 25k → 100k', budget: 1.5, note }),
    ];
  });
}

async function run(count: number, dir: string) {
  const peak = join(dir, 'peak.txt');
  const watch = join(dir, 'peak.cjs');
  writeFileSync(
    watch,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS * 1024)))`,
  );
  const args = ['run', 'many.ts', '--count', String(count), '--isolation', 'pooled'];
  const { wallMs } = await timeProcess(['--require', watch, CLI, ...args], dir);
  return { wallMs, peakBytes: Number(readFileSync(peak, 'utf8')) };
}
