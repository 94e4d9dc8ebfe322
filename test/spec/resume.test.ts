import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

/** Every task leaves a line in the file `ran`, so that a test sees what ran and how often. */
const chain = (middle: string) => `
  import { FlowSpec, param, step, current } from 'millrace';
  import { appendFileSync } from 'node:fs';
  const ran = () => appendFileSync('ran', current.stepName + '\\n');
  export class Chain extends FlowSpec {
    readonly top = param.int({ default: 1 });
    made = 0;
    @step start() { ran(); this.made = this.top; console.log('hello from start'); this.next(this.middle); }
    @step middle() { ran(); ${middle}; this.next(this.end); }
    @step end() { ran(); this.made += 100; }
  }`;

const fanned = (items: string, work: string) => `
  import { FlowSpec, step, current, type Inputs } from 'millrace';
  import { appendFileSync } from 'node:fs';
  const ran = (more: unknown = '') => appendFileSync('ran', current.stepName + more + '\\n');
  export class Fanned extends FlowSpec {
    total = 0;
    twice = 0;
    @step start() { ran(); this.next(this.work, { foreach: ${items} }); }
    @step work(item: number) { ran(item); ${work}; this.twice = item * 2; this.next(this.join); }
    @step join(inputs: Inputs<Fanned>) { ran(); this.total = inputs.reduce((sum, one) => sum + one.twice, 0); this.next(this.end); }
    @step end() { ran(); }
  }`;

async function ran(rig: FlowRig): Promise<string[]> {
  return (await readFile(join(rig.dir, 'ran'), 'utf8')).trim().split('\n');
}

function cloned({ events }: Finished): string[] {
  return events.flatMap((event) =>
    event.type === 'task.cloned' ? [`${event.step}/${event.position}`] : [],
  );
}

async function fatesOf(rig: FlowRig, args: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await rig.ok(['resume', ...args, '--dry-run', '--json']);
  const { tasks }: { tasks: { task: string; fate: string }[] } = JSON.parse(stdout);
  return Object.fromEntries(tasks.map(({ task, fate }) => [task, fate]));
}

describe('flow resume', () => {
  it('runs a step that failed, and what follows, but nothing that ended well', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', chain(`throw new Error('broken')`));
    const failed = await rig.run(['flow.ts', '--top', '7']);
    expect(failed.code).toBe(1);
    await rig.write('flow.ts', chain(`this.made += 10`));
    const resumed = await rig.flow(['resume', 'flow.ts', '--json']);
    expect(resumed.code).toBe(0);
    expect(cloned(resumed)).toEqual(['start/0']);
    expect(await ran(rig)).toEqual(['start', 'middle', 'middle', 'end']);
    expect((await rig.artifacts('latest/end'))['made']).toBe(117);
    const started = resumed.events.find((event) => event.type === 'run.started');
    expect(started).toMatchObject({ origin: failed.events[0]?.run });
    expect((await rig.ok(['logs', 'latest/start'])).stdout).toBe('hello from start\n');
  });

  it('runs only the items that failed, and the join again', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', fanned('[1, 2, 3]', `if (item === 2) throw new Error('two')`));
    expect((await rig.run(['flow.ts', '--on-failure', 'continue'])).code).toBe(1);
    await rig.write('flow.ts', fanned('[1, 2, 3]', ''));
    expect(await fatesOf(rig, ['flow.ts'])).toEqual({
      'start/0': 'clone',
      'work/0': 'clone',
      'work/1': 'run',
      'work/2': 'clone',
      'join/0': 'run',
      'end/0': 'run',
    });
    const resumed = await rig.flow(['resume', 'flow.ts', '--json', '--max-workers', '1']);
    expect(resumed.code).toBe(0);
    expect(cloned(resumed).toSorted()).toEqual(['start/0', 'work/0', 'work/2']);
    expect((await ran(rig)).filter((line) => line === 'work2')).toHaveLength(2);
    expect((await ran(rig)).filter((line) => line === 'work1')).toHaveLength(1);
    expect((await rig.artifacts('latest/join'))['total']).toBe(12);
  });

  it('goes on from a resume as from any run', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', chain(`throw new Error('broken')`));
    await rig.run(['flow.ts']);
    expect((await rig.flow(['resume', 'flow.ts'])).code).toBe(1);
    await rig.write('flow.ts', chain(''));
    const again = await rig.flow(['resume', 'flow.ts', '--json']);
    expect(again.code).toBe(0);
    expect(cloned(again)).toEqual(['start/0']);
    expect((await rig.ok(['logs', 'latest/start'])).stdout).toBe('hello from start\n');
  });

  it('runs a named step again with all that follows, whatever it leaves', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', chain(''));
    await rig.run(['flow.ts']);
    const resumed = await rig.flow([
      'resume',
      'flow.ts',
      'middle',
      '--origin-run-id',
      'latest',
      '--json',
    ]);
    expect(cloned(resumed)).toEqual(['start/0']);
    expect(await ran(rig)).toEqual(['start', 'middle', 'end', 'middle', 'end']);
  });

  it('runs single tasks again with --rerun', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', fanned('[1, 2, 3]', ''));
    await rig.run(['flow.ts']);
    const args = ['flow.ts', '--origin-run-id', 'latest', '--rerun', 'work/0,work/2'];
    expect(cloned(await rig.flow(['resume', ...args, '--json'])).toSorted()).toEqual([
      'start/0',
      'work/1',
    ]);
    const wrong = await rig.flow([
      'resume',
      'flow.ts',
      '--origin-run-id',
      'latest',
      '--rerun',
      'work/9',
    ]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('has no task "work/9"');
  });

  it('lets a step that was put in between pass results on, and reports those that are gone', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', chain(`throw new Error('broken')`));
    await rig.run(['flow.ts']);
    const renamed = chain('')
      .replace('@step middle()', '@step between()')
      .replace('this.next(this.middle)', 'this.next(this.between)');
    await rig.write('flow.ts', renamed);
    expect((await rig.flow(['resume', 'flow.ts', '--json'])).code).toBe(0);
    expect(await ran(rig)).toEqual(['start', 'middle', 'start', 'between', 'end']);
    await rig.write('flow.ts', chain(''));
    expect(await fatesOf(rig, ['flow.ts', '--origin-run-id', 'latest'])).toMatchObject({
      'start/0': 'run',
      'between/0': 'gone',
    });
  });

  it('takes nothing but the origin, and says so when there is none', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', chain(''));
    await rig.ok(['run', 'flow.ts']);
    const nothing = await rig.flow(['resume', 'flow.ts']);
    expect(nothing.code).toBe(2);
    expect(nothing.stderr).toContain('nothing to resume');
    const flagged = await rig.flow(['resume', 'flow.ts', '--top', '3']);
    expect(flagged.code).toBe(2);
    expect(flagged.stderr).toContain('those of the origin run');
    const unknown = await rig.flow(['resume', 'flow.ts', 'midle', '--origin-run-id', 'latest']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('middle');
  });

  it('refuses a run that is alive, and goes on from it once it was cancelled', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      chain(`await new Promise(() => setInterval(() => {}, 1_000))`).replace(
        '@step middle',
        '@step async middle',
      ),
    );
    const running = rig.start(['run', 'flow.ts', '--json']);
    const { run } = await running.waitForEvent('task.launched', ({ step }) => step === 'middle');
    const refused = await rig.flow(['resume', 'flow.ts', '--origin-run-id', run]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('alive');
    running.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    await rig.write('flow.ts', chain(''));
    expect(cloned(await rig.flow(['resume', 'flow.ts', '--json']))).toEqual(['start/0']);
  });

  it('goes on from a run whose scheduler was killed', async () => {
    await using rig = await FlowRig.create();
    const file = chain(
      `while (!existsSync('go')) await new Promise((wake) => setTimeout(wake, 10))`,
    )
      .replace('@step middle', '@step async middle')
      .replace('appendFileSync }', 'appendFileSync, existsSync }');
    await rig.write('flow.ts', file);
    const running = rig.start(['run', 'flow.ts', '--json']);
    await running.waitForEvent('task.launched', ({ step }) => step === 'middle');
    running.kill('SIGKILL');
    await running.finished;
    await rig.write('go', '');
    const resumed = await rig.flow(['resume', 'flow.ts', '--json']);
    expect(resumed.code).toBe(0);
    expect(cloned(resumed)).toEqual(['start/0']);
  });

  it('is named by the summary of a run that failed', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', chain(`throw new Error('broken')`));
    const { stderr } = await rig.flow(['run', 'flow.ts', '--store', 'elsewhere']);
    expect(stderr).toMatch(/resume flow\.ts --origin-run-id \w{13} --store elsewhere/);
  });
});
