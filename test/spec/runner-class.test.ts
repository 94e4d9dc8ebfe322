import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  config,
  current,
  environment,
  FlowSpec,
  type Inputs,
  isolate,
  param,
  resources,
  secretFrom,
  secrets,
  step,
} from 'millrace';
import { Runner } from 'millrace/runner';
import { testFlow } from 'millrace/testing';
import { describe, expect, it } from 'vitest';
import { checkStore } from '../../src/client/fsck/check-store.ts';
import { FlowRig } from '../rig/flow-rig.ts';

/** Of this module, and so of all runs of the class. */
let counted = 0;
/** Which item is broken, if one is. */
let broken = '';

class Fan extends FlowSpec {
  readonly by = param.int({ default: 10 });
  items = ['a', 'b', 'c'];
  pid = 0;
  made = '';
  all: string[] = [];
  @step start() {
    counted += 1;
    this.pid = process.pid;
    this.next(this.work, { foreach: this.items });
  }
  @step async work(item: string) {
    await pause(1);
    // oxlint-disable-next-line no-console -- what a step prints is its own
    console.log('work', item, current.taskId);
    if (item === broken) throw new Error(`${item} is broken`);
    this.made = item + this.by;
    this.next(this.join);
  }
  @step join(inputs: Inputs<Fan>) {
    this.all = inputs.map(({ made }) => made);
    this.next(this.end);
  }
  @step end() {}
}

const INLINE = { isolation: 'inline' } as const;

describe('a Runner of a class that does not say its file', () => {
  it('runs it in this process, with the scheduler, journal, logs and store of every run', async () => {
    await using rig = await FlowRig.create();
    const lines: string[] = [];
    const executing = await new Runner(Fan, { store: rig.store }).run(
      { by: 7 },
      { ...INLINE, maxWorkers: 1, onLog: ({ text }) => lines.push(text) },
    );
    expect(executing.status).toBe('running');
    expect(await executing.wait()).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(await executing.run.data()).toMatchObject({
      by: 7,
      pid: process.pid,
      all: ['a7', 'b7', 'c7'],
    });
    expect(lines).toEqual(['work a 0', 'work b 1', 'work c 2']);
    expect(await executing.stdout).toBe(lines.map((line) => `${line}\n`).join(''));
    expect(await executing.run.started).not.toHaveProperty('file');
    expect((await rig.ok(['runs'])).stdout).toMatch(/Fan .*succeeded/);
    const inspected: unknown = JSON.parse((await rig.ok(['inspect', 'latest', '--json'])).stdout);
    expect(inspected).toMatchObject({ flow: 'Fan', file: null });
    expect((await checkStore(rig.store)).findings).toEqual([]);
  });

  it('runs it inline only, and says so', async () => {
    await using rig = await FlowRig.create();
    const runner = new Runner(Fan, { store: rig.store });
    const refusal = {
      code: 'FLOW_SOURCE_UNKNOWN',
      message: expect.stringContaining('Fan does not say which file it is in'),
      hint: expect.stringMatching(/^give \{ isolation: 'inline' \}, or add `static source/),
    };
    await expect(runner.run()).rejects.toMatchObject(refusal);
    await expect(runner.run({}, { isolation: 'pooled' })).rejects.toMatchObject(refusal);
    await expect(runner.resume()).rejects.toMatchObject(refusal);
    await expect(runner.foreseeResume()).rejects.toMatchObject(refusal);
    await expect(runner.spin('latest/start')).rejects.toMatchObject({
      code: 'FLOW_SOURCE_UNKNOWN',
      hint: expect.stringMatching(/^add `static source/),
    });
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it('refuses parameters and flows that are not in order, before anything starts', async () => {
    await using rig = await FlowRig.create();
    class Endless extends FlowSpec {
      @step start() {
        this.next(this.start);
      }
    }
    const runner = new Runner(Fan, { store: rig.store });
    const by: object = { by: 'x' };
    await expect(runner.run(by, INLINE)).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
    await expect(new Runner(Endless, { store: rig.store }).run({}, INLINE)).rejects.toMatchObject({
      code: 'FLOW_INVALID',
    });
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it('goes on from what ended well, and foresees that', async () => {
    await using rig = await FlowRig.create();
    const runner = new Runner(Fan, { store: rig.store });
    await expect(runner.resume(INLINE)).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' });
    broken = 'b';
    const first = await (
      await runner.run({ by: 3 }, { ...INLINE, onFailure: 'continue', with: ['retry:times=1'] })
    ).wait();
    broken = '';
    expect(first.status).toBe('failed');
    expect(await first.run.task('work', '1').attempts).toHaveLength(2);
    const { origin, tasks } = await runner.foreseeResume(INLINE);
    expect(origin).toBe(first.run.id);
    expect(tasks.map(({ task, fate }) => [task, fate])).toEqual(
      expect.arrayContaining([
        ['work/0', 'clone'],
        ['work/1', 'run'],
      ]),
    );
    const second = await (await runner.resume(INLINE)).wait();
    expect(await second.run.artifacts.all).toEqual(['a3', 'b3', 'c3']);
    const ran: string[] = [];
    for await (const event of second.events()) {
      if (event.type === 'task.launched') ran.push(`${event.step}/${event.position}`);
    }
    expect(ran).toEqual(['work/1', 'join/0', 'end/0']);
  });

  it('lets a file of the flow go on from it; only a spin has to be told that file', async () => {
    await using rig = await FlowRig.create();
    broken = 'c';
    const run = await new Runner(Fan, { store: rig.store }).run({}, INLINE);
    expect((await run.wait()).status).toBe('failed');
    broken = '';
    await rig.write(
      'fan.ts',
      `import { FlowSpec, param, step, type Inputs } from 'millrace';
      export class Fan extends FlowSpec {
        readonly by = param.int({ default: 10 });
        items = ['a', 'b', 'c']; pid = 0; made = ''; all: string[] = [];
        @step start() { this.next(this.work, { foreach: this.items }); }
        @step work(item: string) { this.made = 'mended'; this.next(this.join); }
        @step join(inputs: Inputs<Fan>) { this.all = inputs.map(({ made }) => made); this.next(this.end); }
        @step end() {}
      }`,
    );
    const told = await rig.flow(['spin', `${run.run.id}/work/2`]);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(/which file .*--file/s)]);
    await rig.ok(['spin', `${run.run.id}/work/2`, '--file', 'fan.ts']);
    await rig.ok(['resume', 'fan.ts']);
    expect((await rig.artifacts('latest/end'))['all']).toEqual(['a10', 'b10', 'mended']);
  });

  it('tells all that such a run cannot hold at once, before anything starts', async () => {
    await using rig = await FlowRig.create();
    const size = config('size', { default: 1 });
    class Needy extends FlowSpec {
      found = 0;
      @environment({ A: 'b' }) @step start() {
        this.next(this.big);
      }
      @resources({ memory: '200 MB' }) @step big() {
        this.next(this.quiet);
      }
      @secrets({ TOKEN: secretFrom.file('token') }) @step quiet() {
        this.next(this.apart);
      }
      @isolate('pooled') @environment({ C: 'd' }) @step apart() {
        this.next(this.gang, { numParallel: 2 });
      }
      @step gang(n: number) {
        this.found = n + size;
        this.next(this.join);
      }
      @step join(inputs: Inputs<Needy>) {
        this.found = inputs.length;
        this.next(this.end);
      }
      @step end() {}
    }
    mkdirSync(join(rig.dir, 'elsewhere'));
    const trace = await rig.write('trace.ts', 'export const traced = 1;');
    const runner = new Runner(Needy, {
      store: rig.store,
      cwd: join(rig.dir, 'elsewhere'),
      env: { UNIT: 'mm' },
      configs: { size: 2 },
    });
    const started = runner.run({}, { ...INLINE, maxWorkers: 2, with: ['../trace.ts:traced'] });
    const error: unknown = await started.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'INLINE_CANNOT_HOLD',
      hint: expect.stringContaining('static source'),
    });
    for (const need of [
      '"start" has an @environment',
      '"big" has a limit of memory',
      '"quiet" has @secrets',
      '"apart" asks for a process',
      '"apart" has an @environment',
      '"gang" is a gang',
      'variables than this process (UNIT)',
      `to run in ${join(rig.dir, 'elsewhere')}`,
      'configs (size) were read when the class was imported',
      `${trace}:traced cannot be added`,
    ]) {
      expect(String(error)).toContain(need);
    }
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it('runs several at once, each with its own output, over one state of modules', async () => {
    await using rig = await FlowRig.create();
    const runner = new Runner(Fan, { store: rig.store });
    const before = counted;
    const runs = await Promise.all([1, 2, 3].map((by) => runner.run({ by }, INLINE)));
    for (const [index, run] of runs.entries()) {
      await run.wait();
      expect(await run.run.artifacts.all).toEqual(
        ['a', 'b', 'c'].map((item) => item + (index + 1)),
      );
      expect((await run.stdout).split('\n').toSorted().join()).toBe(',work a 0,work b 1,work c 2');
    }
    expect(counted).toBe(before + 3);
  });

  it('may run beside a tested flow: each task knows who runs it', async () => {
    await using rig = await FlowRig.create();
    const runner = new Runner(Fan, { store: rig.store });
    const beside = runner.run({ by: 1 }, INLINE).then((run) => run.wait());
    await using tested = await testFlow(Fan, { parameters: { by: 2 } });
    const executing = await beside;
    expect([executing.status, tested.status]).toEqual(['succeeded', 'succeeded']);
    expect(await executing.stdout).toContain('work c 2');
    expect(await tested.stdout).toContain('work c 2');
    expect(await tested.artifacts.all).toEqual(['a2', 'b2', 'c2']);
  });

  it('stops it: current.signal fires', async () => {
    await using rig = await FlowRig.create();
    class Wait extends FlowSpec {
      @step async start() {
        process.stdout.write('waiting\n');
        await pause(60_000, undefined, { signal: current.signal });
        this.next(this.end);
      }
      @step end() {}
    }
    const executing = await new Runner(Wait, { store: rig.store }).run({}, INLINE);
    for await (const { text } of executing.streamLog('stdout')) executing.cancel(text);
    expect(executing.status).toBe('cancelled');
  });

  it('takes flow classes that have a name, and nothing else', () => {
    const wrong: unknown[] = [Map, 5, undefined, { start: 1 }, class extends FlowSpec {}];
    for (const flow of wrong) {
      expect(() => new Runner(flow as string)).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      );
    }
  });
});

describe('a program with the built package', () => {
  it('runs its class inline: files, codecs, decorators, merges and secrets meet over the copies', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'program.ts',
      `import { writeFileSync } from 'node:fs';
      import { join } from 'node:path';
      import { artifact, config, current, flowMutator, FlowSpec, param, registerCodec, step, stepDecorator, transient, type FileArtifact } from 'millrace';
      import { Runner } from 'millrace/runner';
      class Point { constructor(readonly x: number) {} }
      registerCodec('point', { class: Point, encode: ({ x }) => x, decode: (x) => new Point(Number(x)) });
      const shout = stepDecorator({ name: 'shout', before: () => console.log('before', current.stepName) });
      const unit = config('unit', { default: 'mm' });
      const noted = flowMutator({ name: 'noted', mutate: ({ flow }) => flow.addParameter('mark', param.string({ default: '!' })) });
      class Parts extends FlowSpec {
        static mutators = [noted];
        declare readonly mark: string;
        readonly key = param.secret();
        point = new Point(0); note: FileArtifact | undefined; same = ''; leak: FileArtifact | undefined;
        @transient scratch = 1;
        @shout @step start() { this.point = new Point(3); console.log(this.key); this.next(this.left, this.right); }
        @step left() { this.same = unit; this.next(this.join); }
        @step async right() {
          writeFileSync(join(current.tempDir, 'n'), 'kept');
          this.note = await artifact.file(join(current.tempDir, 'n'));
          this.same = unit; this.next(this.join);
        }
        @step join(inputs: readonly unknown[]) { this.mergeArtifacts(inputs); this.next(this.end); }
        @step async end() {
          console.log(this.point instanceof Point, this.point.x, await this.note?.text(), this.same + this.mark);
          writeFileSync(join(current.tempDir, 's'), 'has ' + this.key);
          this.leak = await artifact.file(join(current.tempDir, 's'));
        }
      }
      const run = await (await new Runner(Parts).run({}, { isolation: 'inline', maxWorkers: 1 })).wait();
      console.log(run.status, (await run.run.failure)?.message);
      console.log(await run.stdout);`,
    );
    const { code, stdout, stderr } = await rig.script(['program.ts'], {
      env: { MILLRACE_PARAM_KEY: 'k3y-of-mine' },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^failed .*secret/i);
    expect(stdout).toContain('before start\n***\ntrue 3 kept mm!\n');
    expect(existsSync(join(rig.store, 'flows/Parts'))).toBe(true);
  });
});
