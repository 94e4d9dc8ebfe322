import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `import { FlowSpec, step } from 'millrace';
export class Keep extends FlowSpec {
  text = '';
  @step start() { this.text = 'x'.repeat(10_000); this.next(this.end); }
  @step end() { if (this.text.length !== 10_000) throw new Error('short'); }
}
`;

/** Each step looks into the journal, the first thing that it does. */
const WITNESS = `import { readFileSync } from 'node:fs';
import { current, FlowSpec, param, step, type Inputs } from 'millrace';
export class Witness extends FlowSpec {
  readonly journals = param.string();
  known: [string, boolean][] = [];
  ended: string[] = [];
  look() {
    const text = readFileSync(this.journals + '/' + current.runId + '/journal.ndjson', 'utf8');
    const events = text.trimEnd().split('\\n').map((line) => JSON.parse(line));
    const named = (type: string) => events.filter((one) => one.type === type).map(({ step }) => step);
    const isKnown = named('task.launched').includes(current.stepName);
    this.known = [...this.known, ['launched ' + current.stepName, isKnown]];
    this.ended = named('task.succeeded');
  }
  @step start() { this.look(); this.next(this.left, this.right); }
  @step left() { this.look(); this.next(this.join); }
  @step right() { this.look(); this.next(this.join); }
  @step join(inputs: Inputs<Witness>) {
    const [left = [], right = []] = inputs.map(({ known }) => known);
    this.known = [...left, ...right.slice(1)];
    this.look();
    this.next(this.end);
  }
  @step end() { this.look(); }
}
`;

const STORE_PAGE = readFileSync(new URL('../../docs/store.md', import.meta.url), 'utf8');

describe('the store', () => {
  it('of a newer format is refused', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.ok(['run', 'flow.ts']);
    const format = join(rig.store, 'format.json');
    writeFileSync(format, JSON.stringify({ format: 99 }));
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/format|newer/);
  });

  it('holds nothing that docs/store.md does not describe', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW.replace('start() {', "start() { console.log('seen');"));
    await rig.ok(['run', 'flow.ts']);
    await rig.ok(['tag', 'add', 'latest', 'seen']);
    await rig.ok(['spin', 'latest/start']);
    await rig.ok(['delete', 'latest']);
    await rig.ok(['gc', '--unused-for', '1ms']);
    await rig.ok(['run', 'flow.ts']);
    await rig.ok(['tag', 'add', 'latest', 'seen']);
    const [run = ''] = readdirSync(join(rig.store, 'flows/Keep'));
    const names = [...readdirSync(rig.store), ...readdirSync(join(rig.store, 'flows/Keep', run))];
    expect(names).toEqual(expect.arrayContaining(['blobs', 'spins', 'trash', 'tags.ndjson']));
    expect(names.filter((name) => !STORE_PAGE.includes(name))).toEqual([]);
  });

  it('has every type of event in docs/store.md', () => {
    const source = readFileSync(new URL('../../src/model/events.ts', import.meta.url), 'utf8');
    const types = [...source.matchAll(/type: ('[a-z]+\.[a-z]+')/g)].map(([, type]) => type ?? '');
    expect(types.length).toBeGreaterThan(12);
    const listed = (type: string) => STORE_PAGE.includes(type.replaceAll("'", '`'));
    expect(types.filter((type) => !listed(type))).toEqual([]);
  });

  it('that cannot be made is refused with its path', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.write('file', 'not a folder');
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--store', 'file/store']);
    expect(code).toBe(2);
    expect(stderr).toContain('file/store');
  });

  it('finds a flipped byte in a blob before anybody uses it', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.ok(['run', 'flow.ts']);
    for (const blob of blobsOf(rig.store)) {
      const bytes = readFileSync(blob);
      if (bytes.length < 10_000) continue;
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      chmodSync(blob, 0o600);
      writeFileSync(blob, bytes);
    }
    const { code, stdout } = await rig.flow(['dump', 'latest/start', '--json']);
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/corrupt|does not match|damaged/i);
  });

  it.each(['process', 'pooled', 'inline'])(
    'knows before any code of a task runs (%s) that it runs, and what ended before it',
    async (isolation) => {
      await using rig = await FlowRig.create();
      await rig.write('flow.ts', WITNESS);
      const store = ['--journals', join(rig.store, 'flows/Witness')];
      await rig.ok(['run', 'flow.ts', '--isolation', isolation, '--max-workers', '3', ...store]);
      expect(await rig.artifacts('latest/end')).toMatchObject({
        known: ['start', 'left', 'right', 'join', 'end'].map((step) => [`launched ${step}`, true]),
        ended: expect.arrayContaining(['start', 'left', 'right', 'join']),
      });
    },
  );

  it('drops a torn last line of a journal', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.ok(['run', 'flow.ts']);
    const [run = ''] = readdirSync(join(rig.store, 'flows/Keep'));
    const journal = join(rig.store, 'flows/Keep', run, 'journal.ndjson');
    const text = readFileSync(journal);
    writeFileSync(journal, text.subarray(0, text.length - 20));
    const { stdout } = await rig.ok(['dump', `${run}/start`, '--json']);
    expect(JSON.parse(stdout).artifacts.text).toHaveLength(10_000);
  });

  it('serves two runs at once', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const both = await Promise.all([rig.run(['flow.ts']), rig.run(['flow.ts'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const runs = new Set(both.map(({ events }) => events[0]?.run));
    expect(runs.size).toBe(2);
    const { stdout } = await rig.ok(['runs', '--json']);
    for (const run of runs) expect(stdout).toContain(run);
  });

  it('asks back when a short run id means several', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const first = await rig.run(['flow.ts']);
    const later = await rig.run(['flow.ts']);
    const shared = commonPrefix(first.events[0]?.run ?? '', later.events[0]?.run ?? '');
    const { code, stderr } = await rig.flow(['dump', `${shared}/end`]);
    expect(code).toBe(2);
    expect(stderr).toContain(first.events[0]?.run);
    expect(stderr).toContain(later.events[0]?.run);
  });
});

function blobsOf(store: string): string[] {
  const root = join(store, 'blobs');
  return readdirSync(root).flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
  );
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
