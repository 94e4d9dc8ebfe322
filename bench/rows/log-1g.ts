import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowEvent } from '../../src/model/events.ts';
import { atMost, type Row } from '../row.ts';
import { spread, summarise } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const BYTES = 1_000_000_000;
const ROUNDS = 7;
const LEAST_MB_PER_S = 200;
const MOST_RSS_MB = 150;

/** 1 GB of a task's output: what becomes of it, how fast, and how large the scheduler gets. */
export function log1g(): Promise<Row[]> {
  return inWorkspace(async (dir) => [
    ...(await measure(dir, 'lines')),
    ...(await measure(dir, 'one-line')),
  ]);
}

async function measure(dir: string, shape: 'lines' | 'one-line'): Promise<Row[]> {
  const timesMs: number[] = [];
  let peakBytes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const run = await runLoud(dir, shape);
    timesMs.push(run.taskMs);
    peakBytes = Math.max(peakBytes, run.peakBytes);
    if (round === 0) await requireWhole(join(dir, 'store'), shape);
    rmSync(join(dir, 'store'), { recursive: true });
  }
  const time = summarise(timesMs);
  const rate = BYTES / 1e3 / time.medianMs;
  const id = `log-1g-${shape}`;
  return [
    {
      id,
      value: rate,
      unit: 'MB/s',
      budget: LEAST_MB_PER_S,
      ok: rate >= LEAST_MB_PER_S,
      note: spread(time),
    },
    atMost({ id: `${id}-rss`, value: peakBytes / 1e6, unit: 'MB', budget: MOST_RSS_MB }),
  ];
}

interface LoudRun {
  /** Of the task, its process's start included. */
  readonly taskMs: number;
  readonly peakBytes: number;
}

/** The console writes to a file that keeps nothing, so that a terminal's speed is not measured. */
function runLoud(dir: string, shape: string): Promise<LoudRun> {
  const args = [CLI, 'run', 'loud.ts', '--shape', shape, '--json', '--store', join(dir, 'store')];
  const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid ?? 0));
  }, 20);
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      clearInterval(look);
      if (code === 0) resolve({ taskMs: taskMs(stdout), peakBytes });
      else reject(new Error(`the run exited with ${code}`));
    });
  });
}

function taskMs(stdout: string): number {
  const events = stdout
    .trim()
    .split('\n')
    .map((line): FlowEvent => JSON.parse(line));
  const ended = events.find((event) => event.type === 'task.succeeded' && event.step === 'start');
  return ended?.type === 'task.succeeded' ? (ended.usage?.wallMs ?? Number.NaN) : Number.NaN;
}

/** The highest resident size so far (Linux); 0 where nobody tells. */
function peakOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function requireWhole(store: string, shape: string): Promise<void> {
  const expected = createHash('sha256');
  const block = Buffer.alloc(100_000, shape === 'lines' ? `${'x'.repeat(99)}\n` : 'x');
  for (let count = 0; count < BYTES / block.length; count += 1) expected.update(block);
  const run = readdirSync(join(store, 'flows/Loud'))[0] ?? '';
  const found = createHash('sha256');
  for await (const chunk of createReadStream(
    join(store, 'flows/Loud', run, 'logs/start/0.1.out'),
  )) {
    found.update(chunk);
  }
  if (found.digest('hex') !== expected.digest('hex')) throw new Error('output was lost');
}
