import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openClient } from '../../src/client/client.ts';
import { deleteRun, deleteRuns } from '../../src/client/delete-run.ts';
import { findUnkeptRuns } from '../../src/client/keep-rules.ts';
import { reachableHashes } from '../../src/client/reachable.ts';
import { acquireLock, releaseLock } from '../../src/journal/liveness.ts';
import { createRunDirectory } from '../../src/journal/run-directory.ts';
import type { Hash, RunId } from '../../src/model/ids.ts';
import { emptyTrash, findGarbage, type Garbage, moveToTrash } from '../../src/store/gc/trash.ts';
import { openLocalBlobStore } from '../../src/store/local/blob-store.ts';
import { FlowRig } from '../rig/flow-rig.ts';

const BIG = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { artifact, FlowSpec, param, step } from 'millrace';
export class Big extends FlowSpec {
  readonly fill = param.string({ default: 'a' });
  text = '';
  folder: unknown;
  @step async start() {
    this.text = this.fill.repeat(10_000);
    mkdirSync('made', { recursive: true });
    writeFileSync('made/one.txt', this.fill.repeat(5_000));
    this.folder = await artifact.directory('made');
    this.next(this.end);
  }
  @step end() {}
}`;

describe('flow gc', () => {
  it('removes what only deleted runs needed, and nothing else', async () => {
    await using rig = await FlowRig.create();
    await rig.write('big.ts', BIG);
    await rig.ok(['run', 'big.ts', '--fill', 'a']);
    await rig.ok(['run', 'big.ts', '--fill', 'b']);
    const [newer, older] = await runIds(rig);
    expect(await gc(rig, '--unused-for', '1ms')).toMatchObject({ runs: [], blobs: 0, bytes: 0 });
    await rig.ok(['delete', older ?? '']);
    expect(await runIds(rig)).toEqual([newer]);
    // Its text, its file, its list of files; the graph and the code are the other run's too.
    expect(await gc(rig, '--unused-for', '1ms', '--dry-run')).toMatchObject({ blobs: 3, codes: 0 });
    expect(await gc(rig)).toMatchObject({ blobs: 0 });
    expect(await gc(rig, '--unused-for', '1ms')).toMatchObject({ blobs: 3, codes: 0 });
    expect(await gc(rig, '--unused-for', '1ms')).toMatchObject({ blobs: 0 });
    const { text } = await rig.artifacts('latest/end');
    expect(text).toBe('b'.repeat(10_000));
    await rig.ok(['delete', newer ?? '']);
    await gc(rig, '--unused-for', '1ms');
    expect(blobsIn(rig.store)).toEqual([]);
  });

  it('keeps what a spin left, and fsck knows it too', async () => {
    await using rig = await FlowRig.create();
    await rig.write('big.ts', BIG);
    await rig.ok(['run', 'big.ts']);
    await rig.write('big.ts', BIG.replace('10_000', '20_000'));
    const spun: { readonly spin: string } = JSON.parse(
      (await rig.ok(['spin', 'latest/start', '--json'])).stdout,
    );
    await gc(rig, '--unused-for', '1ms');
    const { text } = await rig.artifacts(`${spun.spin}/start`);
    expect(text).toBe('a'.repeat(20_000));
    expect((await rig.ok(['fsck', '--json'])).stdout).toContain('"findings":[]');
  });

  it('keeps runs by number, age and tag; each rule keeps', async () => {
    await using rig = await FlowRig.create();
    await rig.write('big.ts', BIG);
    for (const tag of ['release', 'x', 'y']) await rig.ok(['run', 'big.ts', '--tag', tag]);
    const [third, second, first] = await runIds(rig);
    expect((await gc(rig, '--keep-for', '1h')).runs).toEqual([]);
    const rules = ['--keep-last', '1', '--keep-tag', 'release'];
    expect((await gc(rig, ...rules, '--dry-run')).runs).toEqual([`Big/${second}`]);
    expect(await runIds(rig)).toEqual([third, second, first]);
    await gc(rig, ...rules);
    expect(await runIds(rig)).toEqual([third, first]);
    expect((await gc(rig, '--keep-for', '1ms')).runs).toHaveLength(2);
  });

  it('leaves running runs alone, and so does flow delete', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'wait.ts',
      `import { existsSync } from 'node:fs';
      import { setTimeout } from 'node:timers/promises';
      import { FlowSpec, step } from 'millrace';
      export class Wait extends FlowSpec {
        text = '';
        @step start() { this.text = 'x'.repeat(9_000); this.next(this.middle); }
        @step async middle() { while (!existsSync('go')) await setTimeout(10); this.next(this.end); }
        @step end() { if (this.text.length !== 9_000) throw new Error('lost'); }
      }`,
    );
    const command = rig.start(['run', 'wait.ts', '--json']);
    await command.waitForEvent('task.launched', ({ step }) => step === 'middle');
    expect((await gc(rig, '--keep-for', '1ms')).runs).toEqual([]);
    const short = await rig.flow(['gc', '--unused-for', '1ms']);
    expect(short.code).toBe(2);
    expect(short.stderr).toContain('while runs go on');
    const refused = await rig.flow(['delete', 'latest']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('it still runs');
    await rig.write('go', '');
    expect((await command.finished).code).toBe(0);
  });
});

/** Fails, or waits for the file `go`; `late` has a default that a resume asks for, once it knows what it clones. */
const half = (late: string, middle: string) => `
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { FlowSpec, param, step } from 'millrace';
const flow = (...args: string[]) => execFileSync(process.execPath, ['node_modules/millrace/dist/cli/main.cjs', ...args]);
export class Half extends FlowSpec {
  ${late}
  @step start() { this.next(this.middle); }
  @step async middle() { ${middle}; this.next(this.end); }
  @step end() {}
}`;

describe('a run that is deleted while somebody is about to go on from it', () => {
  it('is gone, and then nothing starts', async () => {
    await using rig = await FlowRig.create();
    await rig.link();
    await rig.write('half.ts', half('', `throw new Error('not yet')`));
    await rig.flow(['run', 'half.ts']);
    const [origin] = await runIds(rig);
    const late = (command: string) =>
      `readonly late = param.string({ default: () => { flow(${command}); return 'x'; } });`;
    await rig.write('half.ts', half(late(`'gc', '--keep-for', '1ms'`), ''));
    const { code, stderr } = await rig.flow(['resume', 'half.ts']);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`The run ${origin} was deleted`)]);
    expect(await runIds(rig)).toEqual([]);
  });

  it('stays where that one was first, whoever had chosen it for deletion before', async () => {
    await using rig = await FlowRig.create();
    await rig.write('half.ts', half('', `throw new Error('not yet')`));
    for (const _ of [1, 2]) await rig.flow(['run', 'half.ts']);
    const client = openClient(rig.store);
    const unkept = await findUnkeptRuns(client, { startedAfter: Date.now() });
    const [origin, other] = unkept.map(({ run }) => run);
    const wait = `while (!existsSync('go')) await setTimeout(10)`;
    await rig.write('half.ts', half('', wait));
    const resume = rig.start(['resume', 'half.ts', '--json']);
    await resume.waitForEvent('task.launched');
    expect((await deleteRuns(client, unkept)).map(({ run }) => run)).toEqual([other]);
    expect(await runIds(rig)).toContain(origin);
    const chosen = unkept.filter(({ run }) => run === origin);
    for (const run of chosen) {
      await expect(deleteRun(client, run)).rejects.toMatchObject({ code: 'RUN_ALIVE' });
    }
    await rig.write('go', '');
    expect((await resume.finished).code).toBe(0);
    expect((await deleteRuns(client, chosen)).map(({ run }) => run)).toEqual([origin]);
  });

  it('is told by the run before its first event', async () => {
    await using rig = await FlowRig.create();
    await rig.write('half.ts', half('', `throw new Error('not yet')`));
    await rig.flow(['run', 'half.ts']);
    const client = openClient(rig.store);
    const [origin] = await client.runs();
    const flowDir = join(rig.store, 'flows/Half');
    const clock = { now: () => Date.now() };
    const { dir } = createRunDirectory(flowDir, clock, origin && { origin: origin.run });
    acquireLock(dir);
    expect(await deleteRuns(client, origin === undefined ? [] : [origin])).toEqual([]);
    releaseLock(dir);
    expect(await deleteRuns(client, origin === undefined ? [] : [origin])).toEqual([origin]);
  });
});

describe('garbage collection beside writers', () => {
  it('never removes what a journal names, whatever comes between its steps', async () => {
    const runs = fc.asyncProperty(
      fc.array(action, { minLength: 3, maxLength: 20 }),
      async (plan) => {
        const store = new Store();
        try {
          for (const what of [...FORGOTTEN, ...plan]) await store.perform(what);
          await store.perform({ kind: 'name' });
          await store.perform({ kind: 'second look' });
          for (const hash of store.named)
            expect((await store.blobs.get(hash)).length).toBeGreaterThan(0);
        } finally {
          store.remove();
        }
      },
    );
    await fc.assert(runs, { numRuns: 500 });
  });
});

type Action =
  | { readonly kind: 'put'; readonly value: number }
  | { readonly kind: 'name' | 'forget' | 'age' | 'find' | 'trash' | 'second look' };

/** Garbage that the collector has seen, and that a writer may want again at any moment. */
const FORGOTTEN: readonly Action[] = [
  { kind: 'put', value: 0 },
  { kind: 'put', value: 1 },
  { kind: 'age' },
  { kind: 'forget' },
  { kind: 'find' },
];

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), value: fc.nat(2) }),
  fc.record({
    kind: fc.constantFrom('name', 'forget', 'age', 'find', 'trash', 'second look' as const),
  }),
);

/** A store whose clock is a counter of days, with one writer and one collector that take turns. */
class Store {
  readonly #root = mkdtempSync(join(tmpdir(), 'millrace-gc-'));
  readonly #dir = join(this.#root, 'flows/F/1m0000000000a');
  readonly blobs = openLocalBlobStore(this.#root);
  named: Hash[] = [];
  /** Written and reported less than a day ago, not yet in the journal. */
  #reported: Hash[] = [];
  #found: Garbage[] = [];
  #before = 0;

  constructor() {
    mkdirSync(this.#dir, { recursive: true });
    mkdirSync(join(this.#root, 'blobs'));
    writeFileSync(join(this.#dir, 'journal.ndjson'), '');
  }

  async perform(what: Action): Promise<void> {
    switch (what.kind) {
      case 'put':
        this.#reported.push((await this.blobs.put(Buffer.from(`value ${what.value}`))).hash);
        return;
      case 'name':
        this.named.push(...this.#reported);
        this.#reported = [];
        this.#writeJournal();
        return;
      case 'forget':
        this.named = [];
        this.#writeJournal();
        return;
      case 'age':
        // A day later a writer has named what it wrote.
        await this.perform({ kind: 'name' });
        for (const path of this.#files()) utimesSync(path, 0, 0);
        return;
      case 'find': {
        this.#before = 1_000;
        const reachable = await this.#reachable();
        this.#found = [];
        for await (const one of findGarbage(this.#root, { reachable, before: this.#before })) {
          this.#found.push(one);
        }
        return;
      }
      case 'trash': {
        const one = this.#found.pop();
        if (one !== undefined) await moveToTrash(this.#root, one, this.#before);
        return;
      }
      case 'second look':
        await emptyTrash(this.#root, await this.#reachable());
    }
  }

  #writeJournal(): void {
    writeFileSync(join(this.#dir, 'journal.ndjson'), `${JSON.stringify(this.named)}\n`);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }

  #reachable(): Promise<Set<string>> {
    const run = { flow: 'F', run: '1m0000000000a' as RunId, dir: this.#dir };
    return reachableHashes([run], this.blobs);
  }

  #files(): string[] {
    return blobsIn(this.#root);
  }
}

function blobsIn(store: string): string[] {
  return readdirSync(join(store, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function gc(rig: FlowRig, ...args: readonly string[]): Promise<GcData> {
  const data: GcData = JSON.parse((await rig.ok(['gc', '--json', ...args])).stdout);
  return data;
}

interface GcData {
  readonly runs: readonly string[];
  readonly blobs: number;
  readonly codes: number;
  readonly bytes: number;
}

async function runIds(rig: FlowRig): Promise<string[]> {
  const runs: { readonly run: string }[] = JSON.parse((await rig.ok(['runs', '--json'])).stdout);
  return runs.map(({ run }) => run);
}
