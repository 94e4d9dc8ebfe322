import { describe, expect, it } from 'vitest';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

/** `work` leaves twice its item; where there is a file `broken`, the second item fails. */
const fanned = (steps: string) => `
  import { FlowSpec, step, type Inputs } from 'millrace';
  import { existsSync } from 'node:fs';
  export class Fanned extends FlowSpec {
    twice = 0;
    all: number[] = [];
    ${steps}
  }`;
const start = '@step start() { this.next(this.work, { foreach: [1, 2, 3] }); }';
const work = (next = 'join') => `@step work(item: number) {
  if (item === 2 && existsSync('broken')) throw new Error('broken');
  this.twice = item * 2;
  this.next(this.${next});
}`;
const join = (next = 'end') => `@step join(inputs: Inputs<Fanned>) {
  this.all = inputs.map((one) => one.twice);
  this.next(this.${next});
}`;
const end = '@step end() {}';
const whole = fanned([start, work(), join(), end].join('\n'));

function cloned({ events }: Finished): string[] {
  return events
    .flatMap((event) => (event.type === 'task.cloned' ? [`${event.step}/${event.position}`] : []))
    .toSorted();
}

function startedOf({ events }: Finished) {
  const started = events.find((event) => event.type === 'run.started');
  if (started?.type !== 'run.started') throw new Error('no run was started');
  return started;
}

const again = (rig: FlowRig, ...args: readonly string[]) =>
  rig.flow(['resume', 'flow.ts', '--origin-run-id', 'latest', '--json', ...args]);

describe('the options of a resume', () => {
  it('are those of its own line, whatever the origin was started with', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', whole);
    await rig.write('broken', '');
    const line = ['--max-workers', '1', '--tag', 'first', '--max-splits', '5', '--grace', '1s'];
    const before = startedOf(await rig.run(['flow.ts', '--on-failure', 'continue', ...line]));
    expect(before.options).toMatchObject({ maxWorkers: 1, onFailure: 'continue', maxSplits: 5 });
    const given = ['--max-workers', '2', '--on-failure', 'kill', '--tag', 'second'];
    const options = [...given, '--max-splits', '4', '--isolation', 'pooled'];
    const resumed = await again(rig, ...options);
    expect(startedOf(resumed).options).toMatchObject({
      maxWorkers: 2,
      onFailure: 'kill',
      maxSplits: 4,
      isolation: 'pooled',
    });
    expect(startedOf(resumed).tags).toEqual(['second']);
    const plain = startedOf(await again(rig));
    expect(plain.options).toMatchObject({ onFailure: 'finish', maxSplits: 1_000_000 });
    expect(plain.options.isolation).not.toBe('pooled');
    expect(plain.tags).toEqual([]);
  });

  it('hold for what runs: a policy that was left out then may be given now', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', whole);
    await rig.write('broken', '');
    await rig.run(['flow.ts', '--max-workers', '1']);
    const retried = await again(
      rig,
      '--with',
      'retry:times=1,initial=1ms',
      '--on-failure',
      'continue',
    );
    const attempts = retried.events.filter(
      (event) => event.type === 'task.failed' && event.step === 'work',
    );
    expect([retried.code, attempts.length]).toEqual([1, 2]);
    expect(cloned(retried)).toEqual(['start/0', 'work/0']);
    // What was added to the origin stays added.
    const third = await again(rig);
    expect(startedOf(third).with).toEqual(startedOf(retried).with);
  });

  it('may name several tasks to run again, in one word or in several', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', whole);
    await rig.ok(['run', 'flow.ts']);
    const rerun = ['--rerun', 'work/0, work/1', '--rerun', 'work/2'];
    expect(cloned(await again(rig, ...rerun))).toEqual(['start/0']);
    const one = await again(rig, '--rerun', 'work/1', '--rerun', 'join/0');
    expect(cloned(one)).toEqual(['start/0', 'work/0', 'work/2']);
    expect((await rig.artifacts('latest/join'))['all']).toEqual([2, 4, 6]);
  });
});

describe('a resume of a flow with other steps', () => {
  it('takes over what stands before a step that was put in, and drops what was taken out', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', whole);
    await rig.ok(['run', 'flow.ts']);
    // Put in behind the join, inside the foreach nothing changed.
    const extra = `@step extra() { this.all = [...this.all, 0]; this.next(this.end); }`;
    await rig.write('flow.ts', fanned([start, work(), join('extra'), extra, end].join('\n')));
    const longer = await again(rig);
    expect(cloned(longer)).toEqual(['start/0', 'work/0', 'work/1', 'work/2']);
    expect((await rig.artifacts('latest/end'))['all']).toEqual([2, 4, 6, 0]);
    // Taken out again: its result has no place any more.
    await rig.write('flow.ts', whole);
    const { stdout } = await again(rig, '--dry-run');
    const { tasks }: { tasks: { task: string; fate: string; why: string }[] } = JSON.parse(stdout);
    expect(tasks.find(({ task }) => task === 'extra/0')).toEqual({
      task: 'extra/0',
      fate: 'gone',
      why: 'the flow has no step extra any more',
    });
    expect(cloned(await again(rig))).toEqual(['start/0', 'work/0', 'work/1', 'work/2']);
    expect((await rig.artifacts('latest/end'))['all']).toEqual([2, 4, 6]);
  });

  it('runs a renamed step anew, and what leads there, and no more', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', whole);
    await rig.ok(['run', 'flow.ts']);
    const renamed = join().replace('@step join', '@step gather');
    await rig.write('flow.ts', fanned([start, work('gather'), renamed, end].join('\n')));
    // The items lead elsewhere now, so each takes its transition anew; neither their splitter does, nor
    // the end, which starts with what it had.
    expect(cloned(await again(rig))).toEqual(['end/0', 'start/0']);
    expect((await rig.artifacts('latest/gather'))['all']).toEqual([2, 4, 6]);
  });
});
