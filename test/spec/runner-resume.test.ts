import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Flow } from 'millrace/client';
import { type ExecutingRun, Runner, type RunnerResumeOptions } from 'millrace/runner';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** Items fail while the file `broken` names them. Every task leaves a line on stdout. */
const FAN = `
import { existsSync, readFileSync } from 'node:fs';
import { config, FlowSpec, param, step, type Inputs } from 'millrace';
const unit = config<{ name: string }>('unit', { default: { name: 'none' } });
const broken = () => (existsSync('broken') ? readFileSync('broken', 'utf8') : '');
export class Fan extends FlowSpec {
  readonly by = param.int({ default: 10 });
  items = ['a', 'b', 'c'];
  made = '';
  all: string[] = [];
  @step start() { this.next(this.work, { foreach: this.items }); }
  @step work(item: string) {
    console.log('work', item);
    if (broken().includes(item)) throw new Error(item + ' is broken');
    this.made = item + this.by + unit.name;
    this.next(this.join);
  }
  @step join(inputs: Inputs<Fan>) { this.all = inputs.map(({ made }) => made); this.next(this.end); }
  @step end() {}
}`;

async function rigWithFan(): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.write('fan.ts', FAN);
  await rig.write('broken', 'b');
  return rig;
}

const marked = (rig: FlowRig) => ({ cwd: rig.dir, store: rig.store, env: rig.mark });

/** Tasks that ran here, and were not taken over. */
async function ranIn(executing: ExecutingRun): Promise<string[]> {
  const ran: string[] = [];
  for await (const event of executing.events()) {
    if (event.type === 'task.launched') ran.push(`${event.step}/${event.position}`);
  }
  return ran.toSorted();
}

async function countRuns(rig: FlowRig): Promise<number> {
  const ids: string[] = [];
  for await (const { id } of new Flow('Fan', { store: rig.store }).runs()) ids.push(id);
  return ids.length;
}

describe('runner.resume', () => {
  it('goes on from the latest run that did not succeed, with its parameters, configs and decorators', async () => {
    await using rig = await rigWithFan();
    const runner = new Runner('fan.ts', { ...marked(rig), configs: { unit: { name: 'm' } } });
    const first = await runner.run({ by: 7 }, { onFailure: 'continue', with: ['retry:times=1'] });
    await first.wait();
    expect(await first.run.task('work', '1').attempts).toHaveLength(2);
    await rig.write('broken', '');
    const again = new Runner('fan.ts', marked(rig));
    const resumed = await (await again.resume({ tags: ['again'] })).wait();
    expect(resumed.status).toBe('succeeded');
    expect((await resumed.run.origin)?.id).toBe(first.run.id);
    expect(await resumed.run.artifacts['all']).toEqual(['a7m', 'b7m', 'c7m']);
    expect(await ranIn(resumed)).toEqual(['end/0', 'join/0', 'work/1']);
    expect(await resumed.run.tags).toEqual(['again']);
    expect((await resumed.run.started).with).toEqual(['retry:times=1']);
  });

  it('goes on from a run that is named, and runs again what it is asked to', async () => {
    await using rig = await rigWithFan();
    await rig.write('broken', '');
    const runner = new Runner('fan.ts', marked(rig));
    const { run } = await (await runner.run()).wait();
    const again = async (options: RunnerResumeOptions) =>
      ranIn(await (await runner.resume({ origin: run.id, ...options })).wait());
    expect(await again({})).toEqual([]);
    expect(await again({ rerun: ['work/2'] })).toEqual(['end/0', 'join/0', 'work/2']);
    const below = ['end/0', 'join/0', 'work/0', 'work/1', 'work/2'];
    expect(await again({ step: 'work' })).toEqual(below);
  });

  it('foresees what it would do, and starts nothing', async () => {
    await using rig = await rigWithFan();
    const runner = new Runner('fan.ts', marked(rig));
    const { run } = await (await runner.run({}, { onFailure: 'continue' })).wait();
    const { origin, tasks, changed } = await runner.foreseeResume();
    expect(origin).toBe(run.id);
    expect(changed).toEqual([]);
    expect(Object.fromEntries(tasks.map(({ task, fate }) => [task, fate]))).toEqual({
      'start/0': 'clone',
      'work/0': 'clone',
      'work/1': 'run',
      'work/2': 'clone',
      'join/0': 'run',
      'end/0': 'run',
    });
    expect(await countRuns(rig)).toBe(1);
  });

  it('refuses a run that lives, and takes one that another host holds only with steal', async () => {
    await using rig = await rigWithFan();
    await rig.write('broken', 'stop');
    await rig.write(
      'fan.ts',
      FAN.replace(
        "console.log('work', item);",
        `if (broken() === 'stop' && item === 'b') { console.log('here'); await new Promise(() => setInterval(() => {}, 1000)); }`,
      ).replace('@step work(', '@step async work('),
    );
    const dying = rig.start(['run', 'fan.ts', '--max-workers', '1', '--json']);
    const { run } = await dying.waitForEvent('run.started');
    await dying.waitForOutput('here');
    const runner = new Runner('fan.ts', marked(rig));
    await expect(runner.resume({ origin: run })).rejects.toMatchObject({ code: 'ORIGIN_ALIVE' });
    dying.kill('SIGKILL');
    await dying.finished;
    const lock = join(rig.store, 'flows/Fan', run, 'lock.json');
    const held: object = JSON.parse(await readFile(lock, 'utf8'));
    await writeFile(lock, JSON.stringify({ ...held, host: 'elsewhere' }));
    await rig.write('broken', '');
    await expect(runner.resume()).rejects.toMatchObject({ code: 'ORIGIN_HELD' });
    const stolen = await (await runner.resume({ steal: true })).wait();
    expect(stolen.status).toBe('succeeded');
    expect(await ranIn(stolen)).toEqual(['end/0', 'join/0', 'work/1', 'work/2']);
  });

  it('throws while nothing was started', async () => {
    await using rig = await rigWithFan();
    const runner = new Runner('fan.ts', marked(rig));
    await expect(runner.resume()).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' });
    await (await runner.run()).wait();
    await expect(runner.resume({ origin: 'none' })).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
    await expect(runner.resume({ step: 'wrok' })).rejects.toMatchObject({
      code: 'STEP_UNKNOWN',
      hint: 'did you mean "work"?',
    });
    await expect(runner.resume({ rerun: ['work/9'] })).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    });
    await rig.write('other.ts', FAN.replaceAll('Fan', 'Other'));
    const other = new Runner('other.ts', marked(rig));
    await expect(other.resume({ origin: 'Fan/latest' })).rejects.toMatchObject({
      code: 'ORIGIN_OF_OTHER_FLOW',
    });
    expect(await countRuns(rig)).toBe(1);
  });
});
