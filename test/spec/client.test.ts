import { Flow, flows, Run, Step, Task } from 'millrace/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `
import { catchError, FlowSpec, param, retry, step, type Inputs } from 'millrace';
export class Sum extends FlowSpec {
  readonly factor = param.int({ default: 2 });
  readonly fail = param.boolean({ default: false });
  part = 0;
  parts: number[] = [];
  total = 0;
  problem: unknown;
  /** Splits. */
  @step start() { console.log('splitting'); this.next(this.work, { foreach: [1, 2, 3] }); }
  @retry({ times: 1 })
  @step work(item: number) {
    console.error('item ' + item);
    this.part = item * this.factor;
    this.next(this.join);
  }
  @step join(inputs: Inputs<Sum>) {
    this.parts = inputs.map((input) => input.part);
    this.next(this.risky);
  }
  @catchError('problem')
  @step risky() { if (this.factor > 0) throw new RangeError('too far'); this.next(this.end); }
  @step end() {
    this.total = this.parts.reduce((a, b) => a + b, 0);
    if (this.fail) throw new TypeError('as asked');
  }
}`;

describe('the client', () => {
  let rig: FlowRig;
  let options: { readonly store: string };

  beforeAll(async () => {
    rig = await FlowRig.create();
    options = { store: rig.store };
    await rig.write('sum.ts', FLOW);
    await rig.ok(['run', 'sum.ts', '--tag', 'nightly', '--factor', '10']);
    await rig.flow(['run', 'sum.ts', '--fail']);
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  const good = async (): Promise<Run> => {
    const run = await new Flow('Sum', options).latestSuccessfulRun;
    if (run === undefined) throw new Error('no run succeeded');
    return run;
  };

  it('lists flows, and the runs of one, newest first', async () => {
    expect((await flows(options)).map(({ name }) => name)).toEqual(['Sum']);
    const statuses: string[] = [];
    for await (const run of new Flow('Sum', options)) statuses.push(await run.status);
    expect(statuses).toEqual(['failed', 'succeeded']);
  });

  it('filters runs by status and tag, and takes no more than asked', async () => {
    const ids = async (filter: Parameters<Flow['runs']>[0]): Promise<number> => {
      let count = 0;
      for await (const _ of new Flow('Sum', options).runs(filter)) count += 1;
      return count;
    };
    expect(await ids({ status: 'failed' })).toBe(1);
    expect(await ids({ tag: 'nightly' })).toBe(1);
    expect(await ids({ limit: 1 })).toBe(1);
    expect(await ids({ status: 'cancelled' })).toBe(0);
  });

  it('finds the latest run and the latest that succeeded; a flow that never ran has none', async () => {
    const flow = new Flow('Sum', options);
    expect(await (await flow.latestRun)?.status).toBe('failed');
    expect(await (await flow.latestSuccessfulRun)?.isSuccessful).toBe(true);
    expect(await new Flow('Other', options).latestRun).toBeUndefined();
  });

  it('finds a run by part of its id, and says which there are when there is none', async () => {
    const { id } = await good();
    expect((await Run.find(id.slice(0, 12), options)).id).toBe(id);
    expect((await new Flow('Sum', options).run(id.slice(-5))).id).toBe(id);
    await expect(Run.find('zzz', options)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(new Run('Sum/1000000000000', options).status).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
    expect(() => new Run('Sum/latest', options)).toThrow(/complete pathspec/);
  });

  it('reads the artifacts of the end, one by one and all at once', async () => {
    const run = await good();
    expect(await run.artifacts['total']).toBe(60);
    expect(await run.data()).toMatchObject({ total: 60, parts: [10, 20, 30], factor: 10 });
  });

  it('knows an artifact without reading it', async () => {
    const end = (await good()).endTask;
    const artifact = await end.artifact('total');
    expect(artifact).toMatchObject({ name: 'total', encoding: 'cbor', size: 2 });
    expect(artifact.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await artifact.value()).toBe(60);
    await expect(end.artifact('totl')).rejects.toMatchObject({
      code: 'ARTIFACT_NOT_FOUND',
      hint: 'did you mean "total"?',
    });
  });

  it('tells parameters, tags, options, code and versions of a run', async () => {
    const run = await good();
    expect(await run.parameters).toEqual({ factor: 10, fail: false });
    expect(await run.tags).toEqual(['nightly']);
    expect((await run.options).onFailure).toBe('finish');
    expect((await run.code).file).toBe(`${rig.dir}/sum.ts`);
    expect((await run.versions).node).toBe(process.versions.node);
    expect((await run.graph).nodes.map(({ name }) => name)).toContain('work');
    expect(await run.origin).toBeUndefined();
  });

  it('times runs and steps, and sums what the tasks used', async () => {
    const run = await good();
    const [started, finished] = [await run.startedAt, await run.finishedAt];
    expect(finished?.getTime()).toBeGreaterThan(started.getTime());
    expect((await run.usage).wallMs).toBeGreaterThan(0);
    const work = run.step('work');
    expect((await work.startedAt)?.getTime()).toBeGreaterThanOrEqual(started.getTime());
    expect((await work.finishedAt)?.getTime()).toBeLessThanOrEqual(finished?.getTime() ?? 0);
  });

  it('goes from steps to tasks and along the edges, both ways', async () => {
    const run = await good();
    const names: string[] = [];
    for await (const { name } of run) names.push(name);
    expect(names).toEqual(['start', 'work', 'join', 'risky', 'end']);
    const work = new Step(`${run.pathspec}/work`, options);
    expect((await work.children()).map(({ name }) => name)).toEqual(['join']);
    expect((await work.parents()).map(({ name }) => name)).toEqual(['start']);
    expect(await run.step('start').doc).toBe('Splits.');
    const tasks = await work.tasks();
    expect(tasks.map(({ position }) => position).toSorted()).toEqual(['0', '1', '2']);
    const parents = await run.task('join').parents();
    expect(parents.map(({ position }) => position)).toEqual(['0', '1', '2']);
    const children = await run.task('start').children();
    expect(children.map(({ pathspec }) => pathspec).toSorted()).toEqual(
      [0, 1, 2].map((index) => `${run.pathspec}/work/${index}`),
    );
    await expect(run.step('wrk').tasks()).rejects.toMatchObject({ code: 'STEP_NOT_FOUND' });
  });

  it('tells a task by its complete name', async () => {
    const run = await good();
    const task = new Task(`${run.pathspec}/work/1`, options);
    expect(await task.status).toBe('succeeded');
    expect(await task.index).toBe(1);
    expect(await run.endTask.index).toBeUndefined();
    expect(await task.artifacts['part']).toBe(20);
    expect(await task.artifacts['nothing']).toBeUndefined();
    expect(await task.stderr).toBe('item 2\n');
    expect(await run.task('start').stdout).toBe('splitting\n');
    expect(await task.attempts).toHaveLength(1);
    await expect(run.task('work', '7').status).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  it('shows why a task failed, also where the failure was caught', async () => {
    const risky = (await good()).task('risky');
    expect(await risky.status).toBe('succeeded');
    expect(await risky.failure).toMatchObject({ name: 'RangeError', message: 'too far' });
    const failed = await new Flow('Sum', options).latestRun;
    expect(await failed?.failure).toMatchObject({ name: 'TypeError', message: 'as asked' });
    expect((await failed?.failedTask)?.step).toBe('end');
  });

  it('tells the events of a run in order', async () => {
    const types: string[] = [];
    for await (const { type } of (await good()).events()) types.push(type);
    expect(types[0]).toBe('run.started');
    expect(types.at(-1)).toBe('run.succeeded');
  });

  it('follows the events of a run that is still running', async () => {
    await using other = await FlowRig.create();
    await other.write(
      'wait.ts',
      `import { existsSync } from 'node:fs';
      import { setTimeout } from 'node:timers/promises';
      import { FlowSpec, step } from 'millrace';
      export class Wait extends FlowSpec {
        @step async start() { while (!existsSync('go')) await setTimeout(20); this.next(this.end); }
        @step end() {}
      }`,
    );
    const command = other.start(['run', 'wait.ts', '--json']);
    await command.waitForEvent('task.launched');
    const run = await Run.find('latest', { store: other.store });
    expect(await run.status).toBe('running');
    expect(await run.finishedAt).toBeUndefined();
    const types: string[] = [];
    for await (const event of run.events()) {
      types.push(event.type);
      if (event.type === 'task.launched') await other.write('go', '');
    }
    expect(types.at(-1)).toBe('run.succeeded');
    await command.finished;
  });
});

describe('the client in a step', () => {
  it('reads other runs of the store that the task itself runs in', async () => {
    await using rig = await FlowRig.create();
    await rig.link();
    await rig.write(
      'count.ts',
      `import { FlowSpec, step } from 'millrace';
      import { Flow } from 'millrace/client';
      export class Count extends FlowSpec {
        before = 0;
        @step async start() {
          const last = await new Flow('Count').latestSuccessfulRun;
          this.before = last === undefined ? 1 : Number(await last.artifacts['before']) + 1;
          this.next(this.end);
        }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'count.ts', '--store', 'elsewhere']);
    await rig.ok(['run', 'count.ts', '--store', 'elsewhere']);
    const run = await Run.find('Count/latest', { cwd: rig.dir, store: 'elsewhere' });
    expect(await run.artifacts['before']).toBe(2);
  });
});
