import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { openClient } from '../../src/client/client.ts';
import { checkStore } from '../../src/client/fsck/check-store.ts';
import { readJournal } from '../../src/journal/read.ts';
import type { FlowEvent } from '../../src/model/events.ts';
import { resultsOf } from '../../src/model/recorded-result.ts';
import { FlowRig, transcript } from '../rig/flow-rig.ts';

const DISTURBED_FS = fileURLToPath(new URL('./disturbed-fs.mjs', import.meta.url));

/** See disturbed-fs.mjs. */
export interface Disturbance {
  readonly role: 'scheduler' | 'task';
  readonly at?: number;
  readonly when?: 'before' | 'after';
  /** An error instead of a kill: `ENOSPC`, from there on. */
  readonly fail?: string;
  readonly countFile?: string;
}

/** The environment of a command whose changes on the disk are counted. */
export function disturbed(rig: FlowRig, disturbance: Disturbance): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--import ${DISTURBED_FS}`,
    DISTURB: JSON.stringify({ ...disturbance, folder: rig.store }),
  };
}

/**
 * A flow of 3 + `width` tasks with values in the journal, in blobs and in pages, and with some output. Each task notes down
 * that its body runs, so that a test sees what the journal does not say.
 */
export function crashFlow(width: number): string {
  return `import { FlowSpec, step, current, type Inputs } from 'millrace';
import { appendFileSync } from 'node:fs';
const ran = () => appendFileSync('ran', current.runId + ' ' + current.stepName + '/' + current.taskId + '\\n');
export class Crash extends FlowSpec {
  large = new Uint8Array(0);
  made = 0;
  text = '';
  @step start() { ran(); this.large = new Uint8Array(5_000).fill(7); this.next(this.work, { foreach: Array.from({ length: ${width} }, (_, n) => n) }); }
  @step work(item: number) { ran(); this.made = item * item; this.text = String(item).repeat(3_000); if (item < 3) console.log('worked on', item); this.next(this.join); }
  @step join(inputs: Inputs<Crash>) { ran(); this.made = inputs.reduce((sum, one) => sum + one.made, 0); this.text = inputs.map((one) => one.text.length).join(); this.next(this.end); }
  @step end() { ran(); this.large[0] = this.made % 256; }
}
`;
}

export interface Chain {
  /** What `end` left, by hash. */
  readonly end: { readonly [name: string]: string };
  readonly runs: number;
}

/**
 * What must hold of a store after any mishap and a resume that succeeded: it is sound, no task that a
 * run recorded as done was run again by one that was resumed from it. Throws what does not.
 */
export async function checkAftermath(rig: FlowRig): Promise<Chain> {
  const { findings } = await checkStore(rig.store);
  const damage = findings.filter(({ severity }) => severity === 'error');
  if (damage.length > 0)
    throw new Error(`fsck: ${damage.map(({ message }) => message).join('\n')}`);
  const client = openClient(rig.store);
  const runs = await client.runs();
  const bodies = new Set(readFileSync(join(rig.dir, 'ran'), 'utf8').trim().split('\n'));
  const doneIn = new Map(runs.map(({ run, dir }) => [String(run), doneTasks(dir)]));
  for (const { run, origin } of runs) {
    if (origin === undefined) continue;
    const repeated = [...(doneIn.get(origin) ?? [])].filter((task) => bodies.has(`${run} ${task}`));
    if (repeated.length > 0)
      throw new Error(`${run} ran again what ${origin} had: ${repeated.join()}`);
  }
  const [last] = runs;
  if (last?.status !== 'succeeded') throw new Error(`the last run is ${last?.status}`);
  const table = await client.artifactsOf(last, { step: 'end', position: '0' as never });
  const end = Object.fromEntries(Object.entries(table).map(([name, { hash }]) => [name, hash]));
  return { end, runs: runs.length };
}

function doneTasks(dir: string): Set<string> {
  return new Set(
    eventsOf(dir).flatMap((event) =>
      resultsOf(event).map(({ task }) => `${task.step}/${task.position}`),
    ),
  );
}

function eventsOf(dir: string): readonly FlowEvent[] {
  try {
    return readJournal(dir).events;
  } catch {
    return []; // Killed before its first line; fsck says whether that is all.
  }
}

export function sameEnd(one: Chain, other: Chain): boolean {
  return isDeepStrictEqual(one.end, other.end);
}

interface Undisturbed {
  readonly width: number;
  readonly role: Disturbance['role'];
  /** The command that runs the flow. */
  readonly run: readonly string[];
}

/** Where a process may be stopped: before its change number `at` on the disk, or after it. */
export type CrashPoint = Required<Pick<Disturbance, 'at' | 'when'>>;

/** A run to which nothing happened. */
export interface Reference extends Chain {
  /** How often it changed something on the disk. */
  readonly changes: number;
  /** Before and after each change; what is the same moment comes once. */
  readonly points: readonly CrashPoint[];
}

export async function undisturbed({ width, role, run }: Undisturbed): Promise<Reference> {
  await using rig = await FlowRig.create();
  await rig.write('flow.ts', crashFlow(width));
  const countFile = join(rig.dir, 'changes');
  await rig.ok(run, { env: disturbed(rig, { role, countFile }) });
  const notes: Note[] = readFileSync(countFile, 'utf8')
    .trim()
    .split('\n')
    .map((line): Note => JSON.parse(line));
  const points = crashPoints(notes);
  const changes = points.filter(({ when }) => when === 'before').length;
  return { ...(await checkAftermath(rig)), changes, points };
}

/** What disturbed-fs.mjs notes down; turns are those of the event loop. */
interface Note {
  readonly begun?: number;
  readonly done?: number;
  readonly turn: number;
}

/** After a change is not before the next if anything could come in between from outside. */
function crashPoints(notes: readonly Note[]): readonly CrashPoint[] {
  const turns = new Map(notes.map(({ begun, turn }) => [begun, turn]));
  return notes.flatMap(({ begun, done, turn }): readonly CrashPoint[] => {
    if (begun !== undefined) return [{ at: begun, when: 'before' }];
    if (done === undefined || turns.get(done + 1) === turn) return [];
    return [{ at: done, when: 'after' }];
  });
}

/** Where nothing began there is nothing to resume, and where it ended well neither. */
export async function goOn(rig: FlowRig, run: readonly string[]): Promise<void> {
  const resumed = await rig.flow(['resume', ...run.slice(1)]);
  if (resumed.code === 0) return;
  if (resumed.code !== 2 || !resumed.stderr.includes('nothing to resume')) {
    throw new Error(`resume failed\n${transcript(resumed)}`);
  }
  const { stdout } = await rig.ok(['runs', '--json']);
  if (!stdout.includes('"succeeded"')) await rig.ok(run);
}
