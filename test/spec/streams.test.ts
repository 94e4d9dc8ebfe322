import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FlowEvent } from '../../src/model/events.ts';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

/** `read` yields; `work` leaves a line in the file `ran` and ten times its item. */
const streaming = (read: string, parts: { readonly work?: string; readonly on?: string } = {}) => `
  import { FlowSpec, step, retry, current, type Inputs } from 'millrace';
  import { appendFileSync, existsSync, readFileSync } from 'node:fs';
  const until = async (file: string) => {
    while (!existsSync(file)) await new Promise((wake) => setTimeout(wake, 10));
  };
  export class Streaming extends FlowSpec {
    base = 0;
    ten = 0;
    all: number[] = [];
    ${parts.on ?? ''}
    @step start() { this.base = 1; this.next(this.work, { foreach: this.read() }); }
    async *read() { ${read} }
    @step async work(item: number) {
      appendFileSync('ran', this.index + ':' + item + '\\n');
      ${parts.work ?? ''}
      this.ten = item * 10 + this.base;
      this.next(this.join);
    }
    @step join(inputs: Inputs<Streaming>) { this.all = inputs.map((one) => one.ten); this.next(this.end); }
    @step end() {}
  }`;

async function ran(rig: FlowRig): Promise<string[]> {
  return (await readFile(join(rig.dir, 'ran'), 'utf8')).trim().split('\n');
}

function cloned({ events }: Finished): string[] {
  return events.flatMap((event) =>
    event.type === 'task.cloned' ? [`${event.step}/${event.position}`] : [],
  );
}

/** After each event: how many items had come of which nothing was launched. */
function waiting(events: readonly FlowEvent[]): number[] {
  let count = 0;
  return events.map((event) => {
    if (event.type === 'foreach.yielded') count += event.page.count;
    if (event.type === 'task.launched' && event.step === 'work') count -= 1;
    return count;
  });
}

describe('a foreach over an async iterable', () => {
  it('starts items while the step still yields, and joins them by index', async () => {
    await using rig = await FlowRig.create();
    // The last item comes only after the first was worked on, which takes longest to end.
    await rig.write(
      'flow.ts',
      streaming(`yield 5; yield 6; await until('ran'); yield 7;`, {
        work: `if (item === 5) await until('done-7'); if (item === 7) appendFileSync('done-7', '');`,
      }),
    );
    const { code, events } = await rig.run(['flow.ts', '--max-workers', '2']);
    expect(code).toBe(0);
    expect((await rig.artifacts('latest/end'))['all']).toEqual([51, 61, 71]);
    const split = events.find((event) => event.type === 'task.succeeded' && event.step === 'start');
    expect(split).toMatchObject({ transition: { kind: 'foreach', to: 'work', size: 3 } });
  });

  it('is asked for no more items than may wait, also with a single worker', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', streaming(`for (let n = 0; n < 14; n++) yield n;`));
    const { code, events } = await rig.run(['flow.ts', '--max-workers', '1']);
    expect(code).toBe(0);
    expect(Math.max(...waiting(events))).toBe(4);
    expect(await ran(rig)).toEqual(Array.from({ length: 14 }, (_, n) => `${n}:${n}`));
  });

  it('may yield nothing, be named by a field, and lie in another foreach', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      export class Nested extends FlowSpec {
        count = 0;
        sum = 0;
        sums: number[] = [];
        get rows() { return this.read(); }
        async *read() { for (let n = 0; n < this.count; n++) yield n; }
        async *counts() { yield 0; yield 2; yield 5; }
        @step start() { this.next(this.outer, { foreach: this.counts() }); }
        @step outer(count: number) { this.count = count; this.next(this.inner, { foreach: 'rows' }); }
        @step inner(row: number) { this.sum = row; this.next(this.near); }
        @step near(inputs: Inputs<Nested>) { this.sum = inputs.reduce((sum, one) => sum + one.sum, 0); this.next(this.far); }
        @step far(inputs: Inputs<Nested>) { this.sums = inputs.map((one) => one.sum); this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts', '--max-workers', '1']);
    expect((await rig.artifacts('latest/end'))['sums']).toEqual([0, 1, 10]);
  });

  it('is tried again without running again what was yielded before', async () => {
    await using rig = await FlowRig.create();
    const read = `yield 1; yield 2; await until('ran'); if (current.attempt === 1) throw new Error('line is down'); yield 3;`;
    await rig.write('flow.ts', streaming(read));
    const { code, events } = await rig.run(['flow.ts', '--with', 'retry:times=1,initial=10ms']);
    expect(code).toBe(0);
    expect((await ran(rig)).toSorted()).toEqual(['0:1', '1:2', '2:3']);
    expect((await rig.artifacts('latest/end'))['all']).toEqual([11, 21, 31]);
    const failed = events.filter((event) => event.type === 'task.failed');
    expect(failed).toMatchObject([{ step: 'start', failure: { message: 'line is down' } }]);
  });

  it('fails when it yields something else the second time', async () => {
    await using rig = await FlowRig.create();
    const read = `yield current.attempt; await until('ran'); if (current.attempt === 1) throw new Error('line is down');`;
    await rig.write('flow.ts', streaming(read));
    const args = ['run', 'flow.ts', '--with', 'retry:times=1,initial=10ms'];
    const { code, stderr } = await rig.flow(args);
    expect(code).toBe(1);
    expect(stderr).toContain('yields other items than the 1 that have started');
    expect(stderr).toContain('resume the run');
    expect(await ran(rig)).toEqual(['0:1']);
  });

  it('leaves items to look at when it fails, and a resume takes over those that are the same', async () => {
    await using rig = await FlowRig.create();
    const read = (second: number, last: string) =>
      `yield 1; yield ${second}; await until('done-1'); await until('done-${second}'); ${last}`;
    const work = `appendFileSync('done-' + item, '');`;
    await rig.write('flow.ts', streaming(read(2, `throw new Error('line is down');`), { work }));
    const failed = await rig.flow(['run', 'flow.ts', '--on-failure', 'continue']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('line is down');
    expect(await rig.artifacts('latest/work/0')).toMatchObject({ ten: 11, base: 1 });

    await rig.write('flow.ts', streaming(read(9, 'yield 3;'), { work }));
    const { stdout } = await rig.ok(['resume', 'flow.ts', '--dry-run']);
    expect(stdout).toMatch(/run +start\/0/);
    expect(stdout).toMatch(/depends +work\/0/);
    const resumed = await rig.flow(['resume', 'flow.ts', '--json']);
    expect(resumed.code).toBe(0);
    expect(cloned(resumed)).toEqual(['work/0']);
    expect((await rig.artifacts('latest/end'))['all']).toEqual([11, 91, 31]);
  });

  it('keeps its outcome when it ends before it is asked for more', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', streaming('yield 1; yield 2; yield 3;'));
    const slow = await rig.write(
      'slow.mjs',
      `import { Socket } from 'node:net';
      const { write } = Socket.prototype;
      let pulls = 0;
      if (process.argv[1].endsWith('main.cjs')) Socket.prototype.write = function (chunk, ...rest) {
        if (String(chunk).includes('"pull"') && ++pulls > 1) for (const until = Date.now() + 200; Date.now() < until; );
        return write.call(this, chunk, ...rest);
      };`,
    );
    await rig.ok(['run', 'flow.ts', '--max-workers', '2'], {
      env: { NODE_OPTIONS: `--import ${slow}` },
    });
  });

  it('goes on from a run whose scheduler was killed in the middle', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', streaming(`yield 1; yield 2; await until('go'); yield 3;`));
    const running = rig.start(['run', 'flow.ts', '--json']);
    await running.waitForEvent('task.succeeded', ({ position }) => position === '0');
    await running.waitForEvent('task.succeeded', ({ position }) => position === '1');
    running.kill('SIGKILL');
    await running.finished;
    await rig.write('go', '');
    const resumed = await rig.ok(['resume', 'flow.ts', '--json']);
    expect(cloned(resumed)).toEqual(['work/0', 'work/1']);
    expect((await ran(rig)).toSorted()).toEqual(['0:1', '1:2', '2:3']);
    const again = await rig.ok(['resume', 'flow.ts', 'end', '--origin-run-id', 'latest', '--json']);
    expect(cloned(again).toSorted()).toEqual(['join/0', 'start/0', 'work/0', 'work/1', 'work/2']);
  });

  it('ends with the run when that is cancelled, or when another task has failed', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', streaming(`yield 1; await until('never');`));
    const running = rig.start(['run', 'flow.ts', '--json', '--grace', '200ms']);
    await running.waitForEvent('task.succeeded', ({ step }) => step === 'work');
    running.kill('SIGINT');
    expect((await running.finished).code).toBe(130);

    await rig.write(
      'flow.ts',
      streaming(`for (;;) yield 1;`, { work: `throw new Error('broken');` }),
    );
    const { code, events } = await rig.run(['flow.ts', '--grace', '200ms', '--max-workers', '1']);
    expect(code).toBe(1);
    const split = events.find((event) => event.type === 'task.failed' && event.step === 'start');
    expect(split).toMatchObject({ failure: { kind: 'cancelled' } });
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', task: { step: 'work' } });
  });

  it('keeps to --max-splits, and closes what it reads from', async () => {
    await using rig = await FlowRig.create();
    const read = `try { for (let n = 0; ; n++) yield n; } finally { console.log('closed'); }`;
    await rig.write('flow.ts', streaming(read));
    const args = ['run', 'flow.ts', '--max-splits', '5', '--on-failure', 'continue'];
    const { code, stderr } = await rig.flow(args);
    expect(code).toBe(1);
    expect(stderr).toContain('The foreach has more than 5 items.');
    expect(stderr).toContain('closed');
    expect((await ran(rig)).length).toBeLessThanOrEqual(5);
  });

  it('says so when a field changes that items have started with', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', streaming(`yield 1; this.base += 1; yield 2;`));
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--on-failure', 'continue']);
    expect(code).toBe(1);
    expect(stderr).toContain('this.base changed while the items were yielded');
  });
});
