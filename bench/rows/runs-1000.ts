import { join } from 'node:path';
import { openJournalWriter } from '../../src/journal/append.ts';
import { createRunDirectory } from '../../src/journal/run-directory.ts';
import type { EventDraft } from '../../src/model/events.ts';
import type { Hash, Position } from '../../src/model/ids.ts';
import { openStore } from '../../src/store/layout.ts';
import { atMost, type Row } from '../row.ts';
import { spread, summarise, timeProcess } from '../timing.ts';
import { CLI, CLIENT, inWorkspace } from '../workspace.ts';

const RUNS = 1_000;
const TASKS = 100;
const ROUNDS = 7;

/** 1,000 runs of 100 tasks, listed by `flow runs` and by a program, each whole. */
export function runs1000(): Promise<Row[]> {
  return inWorkspace(async (dir) => {
    await makeStore(join(dir, '.millrace'));
    const command: number[] = [];
    const program: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const listed = await timeProcess([CLI, 'runs', '--limit', `${RUNS}`, '--json'], dir);
      if (JSON.parse(listed.stdout).length !== RUNS) throw new Error('not all runs were listed');
      command.push(listed.wallMs);
      const read = await timeProcess(['--input-type=module', '--eval', PROGRAM], dir);
      if (read.stdout !== `${RUNS}\n`) throw new Error(`it counted ${read.stdout}`);
      program.push(read.wallMs);
    }
    const row = (id: string, times: number[]): Row => {
      const sample = summarise(times);
      return atMost({
        id,
        value: sample.medianMs,
        unit: 'ms',
        budget: 1_000,
        note: spread(sample),
      });
    };
    return [row('runs-1000', command), row('runs-1000-client', program)];
  });
}

const PROGRAM = `
  import { Flow } from ${JSON.stringify(CLIENT)};
  let succeeded = 0;
  for await (const run of new Flow('Many').runs()) {
    const [status, startedAt, tags] = await Promise.all([run.status, run.startedAt, run.tags]);
    if (status === 'succeeded' && startedAt instanceof Date && tags.length === 1) succeeded += 1;
  }
  console.log(succeeded);`;

/** As so many runs would have left it. */
async function makeStore(root: string): Promise<void> {
  const { flowDir } = openStore(root, { create: true });
  for (let number = 0; number < RUNS; number += 1) {
    const clock = { now: () => Date.UTC(2026, 0) + number * 60_000 };
    const { run, dir } = createRunDirectory(flowDir('Many'), clock);
    const journal = openJournalWriter(dir, { run, clock });
    for (const draft of RUN) journal.append(draft);
    await journal.close();
  }
}

const HASH = '0'.repeat(64) as Hash;

const RUN: readonly EventDraft[] = [
  {
    type: 'run.started',
    flow: 'Many',
    file: '/flows/many.ts',
    code: HASH,
    graph: HASH,
    parameters: {},
    tags: ['nightly'],
    options: {
      maxWorkers: 2,
      maxSplits: TASKS,
      maxIterations: 10,
      onFailure: 'finish',
      durability: 'process',
      graceMs: 5_000,
    },
    versions: { millrace: '0.1.0', node: process.versions.node },
  },
  ...Array.from({ length: TASKS }, (_, index): EventDraft[] => {
    const task = { step: 'work', position: `${index}` as Position, attempt: 1 };
    const value = { hash: HASH, size: 8, encoding: 'cbor' } as const;
    return [
      { ...task, type: 'task.launched', pid: 1 },
      { ...task, type: 'task.succeeded', changes: { value }, transition: { kind: 'end' } },
    ];
  }).flat(),
  { type: 'run.succeeded' },
];
