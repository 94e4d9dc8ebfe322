import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Client, openClient } from '../../../src/client/client.ts';
import type { RunReference } from '../../../src/client/run-reference.ts';
import { indexPath, readRunIndex, writeRunIndex } from '../../../src/journal/index-file.ts';
import { openLogFiles } from '../../../src/journal/log-files.ts';
import { journalPath } from '../../../src/journal/read.ts';
import { createRunDirectory } from '../../../src/journal/run-directory.ts';
import { indexJournal } from '../../../src/journal/run-indexer.ts';
import type { EventDraft } from '../../../src/model/events.ts';
import { parseTaskPath, type TaskPath } from '../../../src/model/ids.ts';
import type { LogStream } from '../../../src/model/ports/executor.ts';
import { at, changesOf, failed, launched, succeeded } from '../journal/events.ts';
import { FOREACH, LOOP, SWITCH, storeRun } from './stored-run.ts';

const DAY_MS = 86_400_000;
const AT = Date.UTC(2026, 10);
const GONE = 2 ** 22 + 1;
const END: EventDraft = { type: 'run.succeeded' };
let root: string;
let client: Client;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-client-'));
  client = openClient(root);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const idOf = (path: string) => parseTaskPath(path as TaskPath);
async function artifacts(run: RunReference, path: string) {
  const table = await client.artifactsOf(run, idOf(path));
  return Object.fromEntries(Object.entries(table).map(([name, { hash }]) => [name, hash]));
}

describe('the list of runs', () => {
  it('is empty where there is no store', async () => {
    expect(await openClient(join(root, 'none')).runs()).toEqual([]);
    expect(await client.flows()).toEqual([]);
  });

  it('has the newest first, over all flows, and how each run is', async () => {
    const failure = { kind: 'exit', code: 1 } as const;
    await storeRun(root, { flow: 'A', atMs: AT, drafts: [END], tags: ['x'] });
    await storeRun(root, {
      flow: 'B',
      atMs: AT + DAY_MS,
      drafts: [{ type: 'run.failed', failure }],
    });
    await storeRun(root, {
      flow: 'A',
      atMs: AT + 2 * DAY_MS,
      drafts: [{ type: 'run.cancelled', reason: 'SIGINT' }],
    });
    await storeRun(root, { flow: 'B', atMs: AT + 3 * DAY_MS, holder: {} });
    await storeRun(root, { flow: 'A', atMs: AT + 4 * DAY_MS, holder: { pid: GONE } });
    await storeRun(root, { flow: 'A', atMs: AT + 5 * DAY_MS, holder: { host: 'elsewhere' } });
    const runs = await client.runs();
    expect(runs.map(({ flow, status, host }) => [flow, status, host])).toEqual([
      ['A', 'unknown', 'elsewhere'],
      ['A', 'lost', undefined],
      ['B', 'running', undefined],
      ['A', 'cancelled', undefined],
      ['B', 'failed', undefined],
      ['A', 'succeeded', undefined],
    ]);
    expect(runs.at(-1)).toMatchObject({ startedAt: AT, endedAt: AT, tags: ['x'] });
    expect(runs[2]).not.toHaveProperty('endedAt');
  });

  it('can be narrowed by flow, status, tag and number', async () => {
    const a = await storeRun(root, { flow: 'A', atMs: AT, drafts: [END], tags: ['x'] });
    const b = await storeRun(root, { flow: 'B', atMs: AT + 1, drafts: [END] });
    const c = await storeRun(root, { flow: 'A', atMs: AT + 2, holder: {} });
    const ids = async (filter: Parameters<Client['runs']>[0]) =>
      (await client.runs(filter)).map(({ run }) => run);
    expect(await ids({ flow: 'A' })).toEqual([c.run, a.run]);
    expect(await ids({ status: 'succeeded' })).toEqual([b.run, a.run]);
    expect(await ids({ tag: 'x' })).toEqual([a.run]);
    const since = (ms: number) => ids({ since: new Date(AT + ms) });
    expect(await since(1)).toEqual([c.run, b.run]);
    expect(await since(3)).toEqual([]);
    expect(await since(-DAY_MS)).toEqual([c.run, b.run, a.run]);
    expect(await ids({ limit: 2 })).toEqual([c.run, b.run]);
    expect(await ids({ flow: 'A', limit: 1, status: 'succeeded' })).toEqual([a.run]);
  });

  it('calls a run that ended lawfully ended, although its lock stayed behind', async () => {
    await storeRun(root, { drafts: [END], holder: { pid: GONE } });
    expect((await client.runs())[0]?.status).toBe('succeeded');
  });

  it('has runs that were killed before their first event, too', async () => {
    createRunDirectory(join(root, 'flows', 'A'), { now: () => AT });
    expect(await client.runs()).toMatchObject([{ status: 'lost', startedAt: AT, tags: [] }]);
  });

  it('passes over what is no run', async () => {
    const { dir } = await storeRun(root, { drafts: [END] });
    writeFileSync(join(dir, '..', 'notes.txt'), '');
    writeFileSync(join(root, 'flows', 'README'), '');
    expect(await client.runs()).toHaveLength(1);
  });
});

describe('finding a run', () => {
  it('takes latest, an id, its beginning or its end, with or without the flow', async () => {
    const old = await storeRun(root, { flow: 'A', atMs: AT });
    const recent = await storeRun(root, { flow: 'B', atMs: AT + 400 * DAY_MS });
    expect(await client.findRun('latest')).toEqual(recent);
    expect(await client.findRun('A/latest')).toEqual(old);
    expect(await client.findRun(old.run)).toEqual(old);
    expect(await client.findRun(old.run.slice(0, 5))).toEqual(old);
    expect(await client.findRun(recent.run.slice(-4))).toEqual(recent);
    expect(await client.findRun(`B/${recent.run.slice(-4)}`)).toEqual(recent);
  });

  it('says so where a step or a task is named', async () => {
    const { run } = await storeRun(root, { flow: 'A', atMs: AT });
    for (const text of ['latest/start', `${run}/start`, `A/${run}/start`, 'A/latest/start/0']) {
      await expect(client.findRun(text)).rejects.toMatchObject({ code: 'TARGET_INVALID' });
    }
  });

  it('names the candidates when there are several', async () => {
    const a = await storeRun(root, { flow: 'A', atMs: AT });
    const b = await storeRun(root, { flow: 'B', atMs: AT + 1 });
    const start = a.run.slice(0, 5);
    await expect(client.findRun(start)).rejects.toMatchObject({
      code: 'RUN_AMBIGUOUS',
      message: `"${start}" could be 2 runs: B/${b.run}, A/${a.run}.`,
      exitCode: 2,
    });
    expect(await client.findRun(`A/${start}`)).toEqual(a);
  });

  it('says what may have been meant when there is none', async () => {
    const { run } = await storeRun(root, { flow: 'Weather', atMs: AT });
    await expect(client.findRun('Wether/latest')).rejects.toMatchObject({
      code: 'FLOW_NOT_FOUND',
      hint: 'did you mean "Weather"?',
    });
    await expect(client.findRun('lastest')).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
      hint: 'did you mean "latest"?',
    });
    await expect(client.findRun(run.slice(0, 2))).rejects.toMatchObject({
      hint: 'give at least 3 characters of the beginning or the end of its id',
    });
  });

  it('says how to make one where there are no runs at all', async () => {
    await expect(client.findRun('latest')).rejects.toMatchObject({
      message: 'There is no run in this store.',
    });
  });
});

const items = (index: number): EventDraft[] => [
  succeeded(`split/${index}`, { item: `I${index}` }, ['a', 'b']),
  succeeded(`a/${index}`, { left: `L${index}`, same: 'S' }, ['both']),
  succeeded(`b/${index}`, { same: 'S', note: null }, ['both']),
  succeeded(`both/${index}`, { sum: `T${index}` }, ['join']),
];
const FOREACH_RUN = [
  succeeded('start', { city: 'C', note: 'N', keep: 'K' }, { foreach: 'split', size: 2 }),
  ...items(1),
  ...items(0),
  succeeded('join', { total: 'X' }, ['end']),
  succeeded('end', { city: 'D' }, []),
  END,
];

describe.each(['without an index', 'with an index'])('the artifacts of a task, %s', (how) => {
  async function stored(drafts: readonly EventDraft[], graph = FOREACH) {
    const run = await storeRun(root, { drafts, graph });
    if (how === 'with an index') writeRunIndex(run.dir, indexJournal(run.dir, graph));
    return run;
  }

  it('are its own over those of the tasks before it', async () => {
    const run = await stored(FOREACH_RUN);
    expect(await artifacts(run, 'start/0')).toEqual({ city: 'C', note: 'N', keep: 'K' });
    expect(await artifacts(run, 'a/1')).toEqual({
      city: 'C',
      note: 'N',
      keep: 'K',
      item: 'I1',
      left: 'L1',
      same: 'S',
    });
    expect(await artifacts(run, 'b/0')).toEqual({ city: 'C', keep: 'K', item: 'I0', same: 'S' });
  });

  it('are, after a join of branches, what no branch had changed since the fork', async () => {
    const run = await stored(FOREACH_RUN);
    expect(await artifacts(run, 'both/1')).toEqual({ city: 'C', keep: 'K', item: 'I1', sum: 'T1' });
  });

  it('are, after a foreach, what no item had changed since the split', async () => {
    const run = await stored(FOREACH_RUN);
    expect(await artifacts(run, 'join/0')).toEqual({ city: 'C', keep: 'K', total: 'X' });
    expect(await artifacts(run, 'end/0')).toEqual({ city: 'D', keep: 'K', total: 'X' });
  });

  it('are all those of the split after a foreach over nothing', async () => {
    const run = await stored([
      succeeded('start', { city: 'C' }, { foreach: 'split', size: 0 }),
      succeeded('join', {}, ['end']),
      succeeded('end', {}, []),
      END,
    ]);
    expect(await artifacts(run, 'end/0')).toEqual({ city: 'C' });
  });

  it('come from the case that was taken', async () => {
    const toBig = { kind: 'switch', to: 'big', label: 'b' } as const;
    const run = await stored(
      [
        { ...succeeded('start', { size: 'B' }, []), transition: toBig } as EventDraft,
        succeeded('big', { result: 'R' }, ['end']),
        succeeded('end', {}, []),
        END,
      ],
      SWITCH,
    );
    expect(await artifacts(run, 'end/0')).toEqual({ size: 'B', result: 'R' });
  });

  it('pass from round to round of a loop, and out of its last one', async () => {
    const check = (round: number, to: string): EventDraft => ({
      ...(succeeded(`check/r${round}`, {}, []) as EventDraft & { type: 'task.succeeded' }),
      transition: { kind: 'switch', to, label: to },
    });
    const run = await stored(
      [
        succeeded('start', { city: 'C', n: '0' }, ['try']),
        succeeded('try/r0', { n: '1', first: 'F' }, ['check']),
        check(0, 'try'),
        succeeded('try/r1', { n: '2' }, ['check']),
        check(1, 'end'),
        succeeded('end', {}, []),
        END,
      ],
      LOOP,
    );
    expect(await artifacts(run, 'try/r0')).toEqual({ city: 'C', n: '1', first: 'F' });
    expect(await artifacts(run, 'check/r1')).toEqual({ city: 'C', n: '2', first: 'F' });
    expect(await artifacts(run, 'end/0')).toEqual({ city: 'C', n: '2', first: 'F' });
  });

  it('are those of the catch where a failure was caught', async () => {
    const run = await stored([
      failed('start/0', 1, {
        kind: 'catch',
        changes: changesOf({ error: 'E' }),
        transition: { kind: 'end' },
      }),
      END,
    ]);
    expect(await artifacts(run, 'start/0')).toEqual({ error: 'E' });
  });

  it('are, of a task that failed, what its last attempt had set', async () => {
    const run = await stored([
      succeeded('start', { city: 'C' }, { foreach: 'split', size: 1 }),
      launched('split', '0'),
      failed('split/0', 1, { kind: 'give-up' }),
    ]);
    expect(await artifacts(run, 'split/0')).toEqual({ city: 'C', half: 'H' });
  });

  it('cannot be those of a task that never was', async () => {
    const run = await stored(FOREACH_RUN);
    await expect(artifacts(run, 'jion/0')).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
      message: 'The run has no task jion/0.',
      hint: 'did you mean "join"?',
    });
  });
});

describe('the index of a run', () => {
  it('is made on demand for a run that has ended', async () => {
    const run = await storeRun(root, { drafts: FOREACH_RUN });
    await artifacts(run, 'end/0');
    expect(existsSync(indexPath(run.dir))).toBe(true);
    expect(readRunIndex(run.dir)?.droppedAt(idOf('join/0'))).toContain('note');
  });

  it('is not made while the run goes on', async () => {
    const run = await storeRun(root, { drafts: FOREACH_RUN.slice(0, 3), holder: {} });
    await artifacts(run, 'start/0');
    expect(existsSync(indexPath(run.dir))).toBe(false);
  });

  it('is not believed when the journal is another one, or it is broken', async () => {
    const run = await storeRun(root, { drafts: FOREACH_RUN });
    writeRunIndex(run.dir, indexJournal(run.dir, FOREACH));
    writeFileSync(journalPath(run.dir), 'x', { flag: 'a' });
    expect(readRunIndex(run.dir)).toBeUndefined();
    writeFileSync(indexPath(run.dir), '{');
    expect(readRunIndex(run.dir)).toBeUndefined();
  });
});

describe('the logs of a run', () => {
  const T = Date.UTC(2026, 10);
  async function print(
    dir: string,
    path: string,
    lines: readonly (readonly [LogStream, number])[],
  ) {
    const { step, position } = idOf(path);
    const files = openLogFiles({ dir, step, position, attempt: 1 });
    for (const [stream, ms] of lines) {
      await files.write(stream, Buffer.from(`${path} ${ms}\n`), T + ms);
    }
    await files.close();
  }
  async function texts(run: RunReference, filter?: Parameters<Client['readLogs']>[1]) {
    const all: string[] = [];
    for await (const { bytes } of client.readLogs(run, filter)) all.push(bytes.toString().trim());
    return all;
  }

  it('are merged over tasks and streams in the order of time', async () => {
    const run = await storeRun(root, {});
    await print(run.dir, 'work/1', [
      ['stdout', 2],
      ['stderr', 5],
    ]);
    await print(run.dir, 'start/0', [['stdout', 1]]);
    await print(run.dir, 'work/0', [
      ['stdout', 3],
      ['stdout', 4],
      ['stdout', 9],
    ]);
    expect(await texts(run)).toEqual([
      'start/0 1',
      'work/1 2',
      'work/0 3',
      'work/0 4',
      'work/1 5',
      'work/0 9',
    ]);
  });

  it('can be those of a step, a task or a stream', async () => {
    const run = await storeRun(root, {});
    await print(run.dir, 'work/1', [
      ['stdout', 2],
      ['stderr', 5],
    ]);
    await print(run.dir, 'work/0', [['stdout', 3]]);
    await print(run.dir, 'end/0', [['stdout', 6]]);
    expect(await texts(run, { step: 'work' })).toEqual(['work/1 2', 'work/0 3', 'work/1 5']);
    expect(await texts(run, { step: 'work', position: at('0') })).toEqual(['work/0 3']);
    expect(await texts(run, { stream: 'stderr' })).toEqual(['work/1 5']);
    expect(await texts(run, { attempt: 2 })).toEqual([]);
  });
});

describe('a run', () => {
  it('is read as a view, a task by its path', async () => {
    const run = await storeRun(root, {
      drafts: [launched('start'), succeeded('start', {}, []), END],
    });
    expect((await client.readRun(run)).end).toMatchObject({ status: 'succeeded' });
    expect(await client.task(run, idOf('start/0'))).toMatchObject({ status: 'succeeded' });
  });

  it('says so when it was ended before it began', async () => {
    const { run, dir } = createRunDirectory(join(root, 'flows', 'A'), { now: () => AT });
    writeFileSync(journalPath(dir), '');
    await expect(client.graph({ flow: 'A', run, dir })).rejects.toMatchObject({
      code: 'RUN_EMPTY',
    });
  });
});
