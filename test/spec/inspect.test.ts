import { Runner } from 'millrace/runner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `
import { existsSync } from 'node:fs';
import { catchError, FlowSpec, param, retry, step, type Inputs } from 'millrace';
export class Sums extends FlowSpec {
  readonly by = param.int({ default: 2 });
  size: 'small' | 'big' = 'small';
  part = 0;
  sum = 0;
  @step start() { this.next(this.work, { foreach: [1, 2, 3] }); }
  @retry({ times: 1 })
  @step work(item: number) {
    if (item === 2 && !existsSync('repaired')) throw new RangeError('not yet');
    this.part = item * this.by;
    this.next(this.join);
  }
  @step join(inputs: Inputs<Sums>) {
    this.sum = inputs.reduce((sum, { part }) => sum + part, 0);
    this.size = 'big';
    this.next({ small: this.few, big: this.many }, { condition: this.size });
  }
  @step few() { this.next(this.end); }
  @step many() { this.next(this.end); }
  @step end() {}
}`;

describe('what is recorded of runs', () => {
  let rig: FlowRig;
  const ids: string[] = [];

  beforeAll(async () => {
    rig = await FlowRig.create();
    await rig.write('sums.ts', FLOW);
    await rig.flow(['run', 'sums.ts', '--tag', 'first']);
    await rig.write('repaired', '');
    await rig.ok(['resume', 'sums.ts']);
    await rig.ok(['run', 'sums.ts', '--by', '10']);
    const runs: { readonly run: string }[] = JSON.parse((await rig.ok(['runs', '--json'])).stdout);
    ids.push(...runs.map(({ run }) => run).toReversed());
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const text = async (...args: readonly string[]): Promise<string> => (await rig.flow(args)).stdout;
  const json = async (...args: readonly string[]): Promise<unknown> =>
    JSON.parse(await text(...args, '--json'));

  it('inspect shows a run: how it ended, its parameters, tags and steps', async () => {
    const shown = await text('inspect', ids[0] ?? '');
    for (const part of ['✗ Sums failed', 'RangeError: not yet', 'sums.ts:', 'by', 'first']) {
      expect(shown).toContain(part);
    }
    expect(await json('inspect', ids[0] ?? '')).toMatchObject({
      status: 'failed',
      parameters: { by: 2 },
      tags: ['first'],
      failure: { name: 'RangeError' },
      steps: [
        { name: 'start', succeeded: 1 },
        { name: 'work', succeeded: 2, failed: 1, retried: 1 },
      ],
    });
    expect(await json('inspect', ids[1] ?? '')).toMatchObject({ origin: ids[0] });
  });

  it('inspect shows the tasks of a step, and one task with its attempts and artifacts', async () => {
    expect(await text('inspect', `${ids[0]}/work`)).toMatch(
      /work\/1 +2 +failed .*RangeError: not yet/,
    );
    const shown = await text('inspect', `${ids[2]}/work/1`);
    for (const part of ['work/1 succeeded', 'attempt 1', 'after start/0', 'before join/0']) {
      expect(shown).toContain(part);
    }
    expect(await json('inspect', `${ids[2]}/work/1`)).toMatchObject({
      parents: ['start/0'],
      children: ['join/0'],
      artifacts: expect.arrayContaining([
        expect.objectContaining({ name: 'part', own: true }),
        expect.objectContaining({ name: 'sum', own: false }),
      ]),
    });
  });

  it('is not what show tells; it says who does', async () => {
    const { code, stderr } = await rig.flow(['show', 'latest']);
    expect(code).toBe(2);
    expect(stderr).toContain('flow inspect latest');
  });

  it('diff tells in what a run differs, and exits with 1; nothing but time is no difference', async () => {
    const { code, stdout } = await rig.flow(['diff', ids[1] ?? '', ids[2] ?? '']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/parameters\n +by +2 +→ +10/);
    expect(stdout).toMatch(/work\/0\/part +2 +→ +10/);
    expect(stdout).toMatch(/join\/0\/sum +12 +→ +60/);
    expect(stdout).not.toContain('start/0/');
    const same = await rig.flow(['diff', ids[1] ?? '', ids[1] ?? '', '--json']);
    expect(same.code).toBe(0);
    expect(JSON.parse(same.stdout)).toMatchObject({ isSame: true, artifacts: [] });
  });

  it('diff tells of tasks that ended otherwise', async () => {
    const compared = await json('diff', ids[0] ?? '', ids[1] ?? '');
    expect(compared).toMatchObject({
      status: { before: 'failed', after: 'succeeded' },
      tasks: expect.arrayContaining([{ name: 'work/1', before: 'failed', after: 'succeeded' }]),
    });
  });

  it.each([
    [0, 'start', /begins the flow/],
    [0, 'work/1', /attempt 1 failed: RangeError: not yet; it was tried again/],
    [0, 'work/1', /attempt 2 failed: .*last attempt/],
    [0, 'work/7', /no such item/],
    [0, 'join', /never was: work\/1 failed, since RangeError: not yet/],
    [1, 'work/0', /taken over from run/],
    [1, 'work/1', /had not ended well in the origin .* \(failed\)/],
    [1, 'join', /did not run in the origin/],
    [1, 'join', /work\/0, work\/1, work\/2 led to it/],
    [1, 'few', /never was: join\/0 took the case big, to many/],
  ])('why of run %i: %s', async (run, task, reason) => {
    expect(await text('why', `${ids[run]}/${task}`)).toMatch(reason);
  });

  it('why needs a task, and knows the steps', async () => {
    expect((await rig.flow(['why', ids[0] ?? ''])).stderr).toContain('why needs a task');
    expect((await rig.flow(['why', `${ids[0]}/jion`])).stderr).toContain('did you mean "join"?');
  });
});

const STUBBORN = `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { FlowSpec, step } from 'millrace';
process.on('SIGTERM', () => {});
export class Stubborn extends FlowSpec {
  @step async start() { while (!existsSync('go')) await setTimeout(10); this.next(this.end); }
  @step end() {}
}`;

describe('flow cancel', () => {
  it('stops a run of another terminal, and says what became of it', async () => {
    await using rig = await FlowRig.create();
    await rig.write('stubborn.ts', STUBBORN);
    const command = rig.start(['run', 'stubborn.ts', '--json', '--grace', '100ms']);
    await command.waitForEvent('task.launched');
    const { stdout } = await rig.ok(['cancel', 'latest']);
    expect(stdout).toMatch(/^Stubborn\/\w+ cancelled\n$/);
    const { code, events } = await command.finished;
    expect(code).toBe(143);
    const [stopping, cancelled] = events.slice(-3).filter(({ type }) => type.startsWith('run.'));
    expect((cancelled?.at ?? 0) - (stopping?.at ?? 0)).toBeLessThan(3_000);
    const again = await rig.flow(['cancel', 'latest']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('does not run any more');
  });

  it('kills at once with --now', async () => {
    await using rig = await FlowRig.create();
    await rig.write('stubborn.ts', STUBBORN);
    const command = rig.start(['run', 'stubborn.ts', '--json', '--grace', '10m']);
    await command.waitForEvent('task.launched');
    await rig.ok(['cancel', 'latest', '--now']);
    expect((await command.finished).code).toBe(143);
  });

  it('stops a run inside a program, and leaves the program alone', async () => {
    await using rig = await FlowRig.create();
    await rig.write('stubborn.ts', STUBBORN);
    const options = { cwd: rig.dir, store: rig.store, env: rig.mark };
    const executing = await new Runner('stubborn.ts', options).run({}, { graceMs: 600_000 });
    await rig.ok(['cancel', executing.run.id, '--now']);
    expect((await executing.wait()).status).toBe('cancelled');
  });
});
