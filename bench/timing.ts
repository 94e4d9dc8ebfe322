import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export interface Sample {
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

export interface Measured {
  readonly wallMs: number;
  readonly stdout: string;
}

/** One whole process with the pipes of a task, timed from before its spawn until they are closed. */
export function timeProcess(args: readonly string[], cwd: string): Promise<Measured> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ wallMs: performance.now() - startedMs, stdout });
      else reject(new Error(`${args.join(' ')} exited with ${code}\n${stderr}`));
    });
  });
}

/** Takes several measurements in turns, so that a slow moment of the machine hits all of them. */
export async function inTurns(
  rounds: number,
  measures: readonly (() => Promise<number>)[],
): Promise<Sample[]> {
  const times = measures.map((): number[] => []);
  for (const measure of measures) await measure();
  for (let round = 0; round < rounds; round += 1) {
    for (const [n, measure] of measures.entries()) times[n]?.push(await measure());
  }
  return times.map(summarise);
}

export function summarise(valuesMs: readonly number[]): Sample {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  return {
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    minMs: sorted[0] ?? Number.NaN,
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
}

/** Minimum, median and maximum, to print beside a figure. */
export function spread({ medianMs, minMs, maxMs }: Sample): string {
  return `${minMs.toFixed(0)}–${medianMs.toFixed(0)}–${maxMs.toFixed(0)} ms`;
}
