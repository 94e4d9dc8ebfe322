import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

export interface Sample {
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** The distance between the quartiles. */
  readonly middleMs: number;
}

export interface Measured {
  readonly wallMs: number;
  readonly stdout: string;
}

/** One whole Node with the pipes of a task, timed from before its spawn until they are closed. */
export function timeProcess(args: readonly string[], cwd: string): Promise<Measured> {
  return timeProgram([process.execPath, ...args], { cwd });
}

interface Place {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Nobody reads what it prints: to read thousands of lines a second takes a core, too. */
  readonly isUnread?: boolean;
}

export function timeProgram(command: readonly string[], place: Place): Promise<Measured> {
  const [program = '', ...args] = command;
  const output = place.isUnread === true ? 'ignore' : 'pipe';
  const startedMs = performance.now();
  const child = spawn(program, args, { ...place, stdio: ['ignore', output, output, 'pipe'] });
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
      else reject(new Error(`${command.join(' ')} exited with ${code}\n${stderr}`));
    });
  });
}

export interface Pair {
  readonly own: Sample;
  readonly bare: Sample;
  /** False where the bare figure varied so much that the machine, not we, was measured. */
  readonly isSteady: boolean;
}

type Measure = () => Promise<number>;

/** Half the values lie within this share of the median, or the machine is too restless. */
export const STEADY_SPREAD = 0.15;

/**
 * Our figure and the bare one in turns, so that a slow moment of the machine hits both; once more
 * if the bare figure was restless.
 */
export async function compare(rounds: number, own: Measure, bare: Measure): Promise<Pair> {
  const first = await inTurns(rounds, own, bare);
  return first.isSteady ? first : await inTurns(rounds, own, bare);
}

/** After one of each that does not count. */
export async function inTurns(rounds: number, own: Measure, bare: Measure): Promise<Pair> {
  await own();
  await bare();
  const times = { own: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.own.push(await own());
    times.bare.push(await bare());
  }
  const sample = summarise(times.bare);
  const isSteady = sample.middleMs <= STEADY_SPREAD * sample.medianMs;
  return { own: summarise(times.own), bare: sample, isSteady };
}

export function summarise(valuesMs: readonly number[]): Sample {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { medianMs: at(0.5), minMs: at(0), maxMs: at(1), middleMs: at(0.75) - at(0.25) };
}

/** Minimum, median and maximum, to print beside a figure. */
export function spread({ medianMs, minMs, maxMs }: Sample): string {
  return `${minMs.toFixed(0)}–${medianMs.toFixed(0)}–${maxMs.toFixed(0)} ms`;
}

export function noteOf({ own, bare, isSteady }: Pair): string {
  const restless = isSteady ? '' : '; not measurable, the bare figure varied by more than 15 %';
  return `${spread(own)}, bare ${spread(bare)}${restless}`;
}
