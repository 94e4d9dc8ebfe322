import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

describe('a split', () => {
  it('runs its branches side by side, and the join gets them in the order of next', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      export class Split extends FlowSpec {
        shared = 'from start';
        mine = '';
        seen: string[] = [];
        @step start() { this.next(this.slow, this.quick); }
        @step async slow() { await new Promise((go) => setTimeout(go, 150)); this.mine = 'slow'; this.next(this.join); }
        @step quick() { this.mine = 'quick'; this.next(this.join); }
        @step join(inputs: Inputs<Split>) {
          this.seen = [...inputs.map((input) => input.mine), inputs.quick.mine, this.shared];
          this.next(this.end);
        }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    const { seen } = await rig.artifacts('latest/end');
    expect(seen).toEqual(['slow', 'quick', 'quick', 'from start']);
  });

  it('makes the join say which field to ask the inputs for', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      export class Ask extends FlowSpec {
        mine = '';
        @step start() { this.next(this.a, this.b); }
        @step a() { this.mine = 'a'; this.next(this.join); }
        @step b() { this.mine = 'b'; this.next(this.join); }
        @step join(inputs: Inputs<Ask>) { console.log(this.mine); this.next(this.end); }
        @step end() {}
      }`,
    );
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/mine/);
    expect(stderr).toMatch(/mergeArtifacts/);
  });

  it('warns of a field that only luck makes readable, and runs', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      export class Luck extends FlowSpec {
        x = 1;
        @step start() { this.next(this.a, this.b); }
        @step a() { if (Date.now() < 0) this.x = 2; this.next(this.join); }
        @step b() { this.next(this.join); }
        @step join(inputs: Inputs<Luck>) { console.log(this.x); this.next(this.end); }
        @step end() {}
      }`,
    );
    const { stderr } = await rig.ok(['run', 'flow.ts']);
    expect(stderr).toMatch(/flow\.ts:7:\d+: warning/);
  });

  it('merges what one branch set, and names every conflict of two', async () => {
    await using rig = await FlowRig.create();
    const flow = (exclude: string) => `import { FlowSpec, step, type Inputs } from 'millrace';
      export class Merge extends FlowSpec {
        same = 0; left?: number; right?: number; x?: number; y?: number;
        @step start() { this.next(this.a, this.b); }
        @step a() { this.same = 7; this.left = 1; this.x = 1; this.y = 1; this.next(this.join); }
        @step b() { this.same = 7; this.right = 2; this.x = 2; this.y = 2; this.next(this.join); }
        @step join(inputs: Inputs<Merge>) { this.mergeArtifacts(inputs${exclude}); this.next(this.end); }
        @step end() {}
      }`;
    await rig.write('flow.ts', flow(''));
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/x.*y/);
    await rig.write('flow.ts', flow(", { exclude: ['x', 'y'] }"));
    await rig.ok(['run', 'flow.ts']);
    expect(await rig.artifacts('latest/end')).toEqual({ same: 7, left: 1, right: 2 });
  });
});

describe('a foreach', () => {
  it('runs a task an item and joins them in index order, whatever ended first', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      export class Each extends FlowSpec {
        letters = ['a', 'b', 'c'];
        mine = '';
        all: string[] = [];
        @step start() { this.next(this.work, { foreach: this.letters }); }
        @step async work(letter: string) {
          await new Promise((go) => setTimeout(go, 200 - 100 * (this.index ?? 0)));
          this.mine = letter + this.index + this.input;
          this.next(this.join);
        }
        @step join(inputs: Inputs<Each>) { this.all = inputs.map((input) => input.mine); this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts', '--max-workers', '3']);
    expect((await rig.artifacts('latest/end'))['all']).toEqual(['a0a', 'b1b', 'c2c']);
    expect((await rig.artifacts('latest/work/1'))['mine']).toBe('b1b');
  });

  it('over nothing still runs its join, with no inputs and all the fields of the split', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      export class None extends FlowSpec {
        items: number[] = [];
        kept = 'kept';
        count = -1;
        @step start() { this.next(this.work, { foreach: this.items }); }
        @step work(item: number) { this.kept = String(item); this.next(this.join); }
        @step join(inputs: Inputs<None>) { this.count = inputs.length; this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect(await rig.artifacts('latest/end')).toMatchObject({ kept: 'kept', count: 0 });
  });

  it('nests, with a split inside', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      export class Nest extends FlowSpec {
        outer = ''; text = ''; texts: string[] = [];
        @step start() { this.next(this.rows, { foreach: ['x', 'y'] }); }
        @step rows(row: string) { this.outer = row; this.next(this.cell, { foreach: [1, 2, 3].slice(0, row === 'x' ? 3 : 1) }); }
        @step cell(n: number) { this.text = this.outer + n; this.next(this.up, this.down); }
        @step up() { this.text += 'u'; this.next(this.both); }
        @step down() { this.text += 'd'; this.next(this.both); }
        @step both(inputs: Inputs<Nest>) { this.text = inputs.map((i) => i.text).join('+'); this.next(this.cells); }
        @step cells(inputs: Inputs<Nest>) { this.texts = inputs.map((i) => i.text); this.next(this.all); }
        @step all(inputs: Inputs<Nest>) { this.texts = inputs.flatMap((i) => i.texts); this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['texts']).toEqual([
      'x1u+x1d',
      'x2u+x2d',
      'x3u+x3d',
      'y1u+y1d',
    ]);
  });

  it('wider than --max-splits fails before any item starts', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      export class Wide extends FlowSpec {
        @step start() { this.next(this.work, { foreach: Array.from({ length: 6 }, (_, n) => n) }); }
        @step work(n: number) { this.next(this.join); }
        @step join(inputs: Inputs<Wide>) { this.next(this.end); }
        @step end() {}
      }`,
    );
    const refused = await rig.run(['flow.ts', '--max-splits', '5']);
    expect(refused.code).toBe(1);
    expect(refused.events.filter((event) => event.type === 'task.launched')).toHaveLength(1);
    await rig.ok(['run', 'flow.ts', '--max-splits', '6']);
  });
});
