import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

interface Row {
  readonly id: string | number;
  readonly n: number;
}

/**
 * The rows come from outside, so that a resume may meet others. Until there is a file `whole` the source
 * breaks behind them; one worker is sent four items before it asks for more, so these are under way then.
 */
const keyed = (key = 'key: (row) => row.id') => `
  import { FlowSpec, step, type Inputs } from 'millrace';
  import { appendFileSync, existsSync, readFileSync } from 'node:fs';
  interface Row { id: string | number; n: number }
  export class Keyed extends FlowSpec {
    n = 0;
    part = 0;
    sum = 0;
    all: number[] = [];
    @step start() { this.next(this.work, { foreach: this.rows(), ${key} }); }
    async *rows(): AsyncGenerator<Row> {
      yield* JSON.parse(readFileSync('rows.json', 'utf8')) as Row[];
      if (!existsSync('whole')) throw new Error('the source broke');
    }
    @step work(row: Row) {
      appendFileSync('ran', row.id + '\\n');
      console.log('row ' + row.id);
      this.n = row.n;
      this.next(this.inner, { foreach: [1, 2] });
    }
    @step inner(part: number) { this.part = this.n * part; this.next(this.gather); }
    @step gather(inputs: Inputs<Keyed>) {
      this.sum = inputs.reduce((sum, one) => sum + one.part, 0);
      this.next(this.join);
    }
    @step join(inputs: Inputs<Keyed>) { this.all = inputs.map((one) => one.sum); this.next(this.end); }
    @step end() {}
  }`;

async function ran(rig: FlowRig): Promise<string[]> {
  return (await readFile(join(rig.dir, 'ran'), 'utf8')).trim().split('\n').toSorted();
}

/** What was taken over: the new name, and the name in the origin. */
function taken({ events }: Finished): Record<string, string> {
  const pairs = events.flatMap((event) => {
    if (event.type !== 'task.cloned') return [];
    const { step, position, originPosition = position } = event;
    return [[`${step}/${position}`, `${step}/${originPosition}`]];
  });
  return Object.fromEntries(pairs);
}

const GO_ON = ['--on-failure', 'continue', '--max-workers', '1'];
const row = (id: string | number, n = 1): Row => ({ id, n });

async function brokenAfter(rows: readonly Row[], flow = keyed()): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.write('flow.ts', flow);
  await rig.write('rows.json', JSON.stringify(rows));
  const broken = await rig.run(['flow.ts', ...GO_ON]);
  expect(broken.code).toBe(1);
  return rig;
}

async function resume(rig: FlowRig, rows: readonly Row[], args: readonly string[] = []) {
  await rig.write('rows.json', JSON.stringify(rows));
  return rig.flow(['resume', 'flow.ts', '--json', ...GO_ON, ...args]);
}

describe('a resume of a foreach whose items have keys', () => {
  it('finds items in another order, beside new ones, with all that lies inside them', async () => {
    await using rig = await brokenAfter([row('a', 1), row('b', 2), row('c', 3), row('gone')]);
    const { stdout } = await rig.ok(['resume', 'flow.ts', '--dry-run']);
    expect(stdout).toMatch(
      /depends\s+work\/2\s+on where start\/0 leads \(its item is found by its key\)/,
    );
    await rig.write('whole', '');
    const resumed = await resume(rig, [row('c', 3), row('new', 4), row('a', 1), row('b', 20)]);
    expect(resumed.code).toBe(0);
    expect(taken(resumed)).toEqual({
      'work/0': 'work/2',
      'inner/0.0': 'inner/2.0',
      'inner/0.1': 'inner/2.1',
      'gather/0': 'gather/2',
      'work/2': 'work/0',
      'inner/2.0': 'inner/0.0',
      'inner/2.1': 'inner/0.1',
      'gather/2': 'gather/0',
    });
    expect(await ran(rig)).toEqual(['a', 'b', 'b', 'c', 'gone', 'new']);
    expect((await rig.artifacts('latest/join'))['all']).toEqual([9, 12, 3, 60]);
    expect((await rig.ok(['logs', 'latest/work/0'])).stdout).toBe('row c\n');
    expect((await rig.ok(['logs', 'latest/work/2'])).stdout).toBe('row a\n');
    expect((await rig.ok(['fsck'])).code).toBe(0);
    // `work/1` is new, though the origin had a task of that name; `work/3` was there, as `work/1`.
    const why = async (task: string) => (await rig.ok(['why', `latest/${task}`])).stdout;
    expect(await why('work/1')).toContain('it did not run in the origin');
    expect(await why('work/3')).toContain('it had ended well in the origin');
  });

  it('matches by index where there are no keys, or were none', async () => {
    const [a, b, c, d, x] = ['a', 'b', 'c', 'd', 'x'].map((id) => row(id)) as [
      Row,
      Row,
      Row,
      Row,
      Row,
    ];
    await using rig = await brokenAfter([a, b, c, d], keyed(''));
    const worksOf = (finished: Finished) =>
      Object.entries(taken(finished)).filter(([path]) => path.startsWith('work'));
    await rig.write('flow.ts', keyed());
    const withKeys = await resume(rig, [b, x, c, a]);
    expect(worksOf(withKeys)).toEqual([['work/2', 'work/2']]);
    await rig.write('flow.ts', keyed(''));
    await rig.write('whole', '');
    const without = await resume(rig, [b, a]);
    expect(without.code).toBe(0);
    expect(worksOf(without)).toEqual([['work/0', 'work/0']]);
  });

  it('goes on from a resume, names what ran where it ran, and reruns tasks by their old names', async () => {
    await using rig = await brokenAfter([row(1), row(2), row(3), row(4)]);
    const second = await resume(rig, [row(3), row(1), row(2), row(4)]);
    expect(second.code).toBe(1);
    await rig.write('whole', '');
    const third = await resume(rig, [row(2), row(3)], ['--rerun', 'work/1,inner/0.1']);
    const failures = third.events.filter(({ type }) => type === 'task.failed');
    expect([third.code, failures]).toEqual([0, []]);
    // Where it ran is the first run: there 2 was work/1 and 3 was work/2.
    expect(taken(third)).toEqual({
      'work/0': 'work/1',
      'inner/0.0': 'inner/1.0',
      'inner/0.1': 'inner/1.1',
      'gather/0': 'gather/1',
      'work/1': 'work/2',
      'inner/1.0': 'inner/2.0',
    });
    expect((await rig.ok(['logs', 'latest/work/0'])).stdout).toBe('row 2\n');
  });
});

describe('keys of items', () => {
  it('that are no keys fail the step, which says which item it is', async () => {
    await using rig = await FlowRig.create();
    await rig.write('whole', '');
    const failureOf = async (rows: readonly Row[], key?: string) => {
      await rig.write('flow.ts', keyed(key));
      await rig.write('rows.json', JSON.stringify(rows));
      const { code, stderr } = await rig.flow(['run', 'flow.ts']);
      expect(code).toBe(1);
      return stderr;
    };
    const twice = await failureOf([row('a'), row('b'), row('a')]);
    expect(twice).toContain('the items 0 and 2 in the foreach of "start" have the same key "a"');
    const odd = await failureOf(
      [row('a'), row('b')],
      "key: (row) => row.id === 'b' ? null : 1 as never",
    );
    expect(odd).toContain('the key of item 1 in the foreach of "start" is null, not a string');
    const late = await failureOf([row('a')], 'key: (async () => 1) as never');
    expect(late).toContain('the key function must not be async');
    const broken = await failureOf([row('a')], 'key: (row) => row.of.name as never');
    expect(broken).toContain('TypeError');
    expect(broken).toContain('flow.ts:');
  });

  it('are asked for by their right name, else flow check says so', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', keyed('kee: (row) => row.id'));
    const { code, stderr } = await rig.flow(['check', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain('has no option "kee"');
    expect(stderr).toContain('did you mean "key"?');
  });
});
