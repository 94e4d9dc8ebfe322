import { describe, expect, it } from 'vitest';
import { checkStore } from '../../src/client/fsck/check-store.ts';
import { FlowRig } from '../rig/flow-rig.ts';

interface Parts {
  readonly work?: string;
  readonly decorators?: string;
  readonly before?: string;
  readonly items?: number;
}

const each = ({ work = '', decorators = '', before = '', items = 3 }: Parts) => `
import { current, environment, FlowSpec, isolate, resources, retry, secretFrom, secrets, step, timeout, type Inputs } from 'millrace';
import { setTimeout as pause } from 'node:timers/promises';
${before}
export class Each extends FlowSpec {
  found: unknown = null;
  all: unknown[] = [];
  @step start() { this.next(this.work, { foreach: Array.from({ length: ${items} }, (_, n) => n) }); }
  ${decorators} @step async work(n: number) { ${work}; this.next(this.join); }
  @step join(inputs: Inputs<Each>) { this.all = inputs.map((input) => input.found); this.next(this.end); }
  @step end() {}
}`;

const INLINE = ['run', 'flow.ts', '--isolation', 'inline'];

async function all(rig: FlowRig, parts: Parts, args: readonly string[] = []): Promise<unknown> {
  await rig.write('flow.ts', each(parts));
  await rig.ok([...INLINE, ...args]);
  return (await rig.artifacts('latest/end'))['all'];
}

describe('inline tasks', () => {
  it('run in the process that starts the run, and leave what others leave', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', each({ work: 'this.found = process.pid' }));
    const run = rig.start([...INLINE, '--json']);
    const { code, events } = await run.finished;
    expect(code).toBe(0);
    expect((await rig.artifacts('latest/end'))['all']).toEqual([run.pid, run.pid, run.pid]);
    expect(events.map(({ type }) => type).filter((type) => type === 'task.succeeded')).toHaveLength(
      6,
    );
    expect((await checkStore(rig.store)).findings).toEqual([]);
  });

  it('take turns, each with its own current, its own folder and its own output', async () => {
    await using rig = await FlowRig.create();
    const work = `
      console.log('begin', current.pathspec.split('/').pop());
      const first = current.taskId; const folder = current.tempDir;
      await pause(20);
      process.stderr.write('end ' + current.taskId + '\\n');
      this.found = [first === current.taskId, folder.includes('work-' + n), n]`;
    const found = await all(rig, { work }, ['--max-workers', '3']);
    expect(found).toEqual([0, 1, 2].map((n) => [true, true, n]));
    for (const n of [0, 1, 2]) {
      const { stdout } = await rig.ok(['logs', `latest/work/${n}`]);
      expect(stdout).toBe(`begin ${n}\nend ${n}\n`);
    }
  });

  it('may stand beside steps that ask for a process', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      each({ work: 'this.found = process.pid', decorators: `@isolate('process')` }),
    );
    const run = rig.start([...INLINE]);
    expect((await run.finished).code).toBe(0);
    const found = (await rig.artifacts('latest/end'))['all'];
    expect(new Set(found as number[]).size).toBe(3);
    expect(found).not.toContain(run.pid);
  });

  it('are tried again, and fail with the frames of the flow alone', async () => {
    await using rig = await FlowRig.create();
    const parts = {
      work: `if (current.attempt < 2) throw new Error('once'); this.found = current.attempt`,
      decorators: `@retry({ times: 1, backoff: { initial: '1ms' } })`,
    };
    expect(await all(rig, parts)).toEqual([2, 2, 2]);
    await rig.write('flow.ts', each({ work: `throw new Error('for good')` }));
    const { code, stderr } = await rig.flow(INLINE);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Error: for good\n +at .*work .*flow\.ts:9:\d+/);
    expect(stderr).not.toMatch(/dist\//);
    await rig.write('flow.ts', each({ work: 'this.found = n' }));
    await rig.ok(['resume', 'flow.ts', '--isolation', 'inline']);
    expect((await rig.artifacts('latest/end'))['all']).toEqual([0, 1, 2]);
  });

  it('end with process.exit, which ends nothing else', async () => {
    await using rig = await FlowRig.create();
    const parts = {
      work: `if (n === 1 && current.attempt < 2) process.exit(3); this.found = current.attempt`,
      decorators: `@retry({ times: 1, backoff: { initial: '1ms' } })`,
    };
    expect(await all(rig, parts)).toEqual([1, 2, 1]);
    const { stdout } = await rig.ok(['inspect', 'latest/work/1', '--json']);
    expect(stdout).toContain('"code":3');
  });

  it('hear of their timeout, and are given up when they go on or had gone on too long', async () => {
    await using rig = await FlowRig.create();
    const failures = async (work: string) => {
      await rig.write('flow.ts', each({ work, items: 1, decorators: `@timeout('100ms')` }));
      const { events } = await rig.flow([...INLINE, '--grace', '50ms', '--json']);
      return events.flatMap((event) => (event.type === 'task.failed' ? [event.failure] : []));
    };
    const timedOut = [{ kind: 'timeout', afterMs: 100 }];
    expect(await failures('await pause(60_000, null, { signal: current.signal })')).toEqual(
      timedOut,
    );
    expect(await failures('await pause(400)')).toEqual(timedOut);
    expect(await failures('const until = Date.now() + 150; while (Date.now() < until)')).toEqual(
      timedOut,
    );
    expect(await failures('this.found = 1')).toEqual([]);
  });

  it('leave nothing open that would keep the command from its end', async () => {
    await using rig = await FlowRig.create();
    expect(await all(rig, { work: 'setInterval(() => {}, 1_000); this.found = n' })).toEqual([
      0, 1, 2,
    ]);
    const work = `console.log('deaf'); for (;;) await pause(1_000)`;
    await rig.write('flow.ts', each({ work, items: 1 }));
    const run = rig.start([...INLINE, '--grace', '50ms']);
    await run.waitForOutput('deaf');
    run.kill('SIGINT');
    expect((await run.finished).code).toBe(130);
  });

  it('leave Ctrl-C its turn, however short and many they are', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', each({ work: 'this.found = n', items: 100_000 }));
    const run = rig.start([...INLINE, '--json']);
    await run.waitForEvent('task.succeeded', ({ step }) => step === 'work');
    run.kill('SIGINT');
    const { code, events } = await run.finished;
    expect(code).toBe(130);
    expect(events.at(-1)?.type).toBe('run.cancelled');
  });

  it('may yield items that start while they still do', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, type Inputs } from 'millrace';
      let started = 0;
      export class Streaming extends FlowSpec {
        item = 0; all: number[] = [];
        @step start() { this.next(this.work, { foreach: this.read() }); }
        async *read() { yield 1; while (started === 0) await new Promise((wake) => setTimeout(wake, 1)); yield 2; }
        @step work(item: number) { started += 1; this.item = item; this.next(this.join); }
        @step join(inputs: Inputs<Streaming>) { this.all = inputs.map((one) => one.item); this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.ok(INLINE);
    expect((await rig.artifacts('latest/end'))['all']).toEqual([1, 2]);
  });

  it('are refused all at once where they need a process, before anything starts', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { environment, FlowSpec, resources, secretFrom, secrets, step } from 'millrace';
      export class Needy extends FlowSpec {
        @environment({ A: 'b' }) @step start() { this.next(this.big); }
        @resources({ memory: '200 MB' }) @step big() { this.next(this.quiet); }
        @secrets({ TOKEN: secretFrom.file('token') }) @step quiet() { this.next(this.gang, { numParallel: 2 }); }
        @step gang(n: number) { console.log(n); this.next(this.join); }
        @step join(inputs: readonly unknown[]) { console.log(inputs.length); this.next(this.end); }
        @step end() {}
      }`,
    );
    const { code, stderr } = await rig.flow([...INLINE, '--max-workers', '2']);
    expect(code).toBe(2);
    for (const need of [
      '"start" has an @environment',
      '"big" has a limit of memory',
      '"quiet" has @secrets',
      '"gang" is a gang',
    ]) {
      expect(stderr).toContain(need);
    }
    expect(await rig.exists('.millrace/flows/Needy')).toBe(false);
  });

  it('that throw where nobody awaits end the process as their own fault', async () => {
    await using rig = await FlowRig.create();
    const work = `setTimeout(() => { throw new Error('unseen'); }, 1); await pause(5_000)`;
    await rig.write('flow.ts', each({ work, items: 1 }));
    const { code, stderr } = await rig.flow(INLINE);
    expect(code).toBe(1);
    expect(stderr).toContain('Code of the flow threw outside of what its step awaits');
    expect(stderr).toContain('unseen');
    expect(stderr).not.toContain('bug');
    expect((await rig.ok(['runs', '--json'])).stdout).toContain('"lost"');
  });
});

describe('a program that runs flows inline', () => {
  it('has them in its own process, each run with modules of its own, and its output back afterwards', async () => {
    await using rig = await FlowRig.create();
    const work = `console.log('task', count); this.found = [process.pid, count++]`;
    await rig.write('flow.ts', each({ work, before: 'let count = 0;', items: 2 }));
    await rig.write(
      'program.ts',
      `import { Runner } from 'millrace/runner';
      const write = process.stdout.write;
      for (const round of [1, 2]) {
        const lines: string[] = [];
        const run = await new Runner('flow.ts').run({}, { isolation: 'inline', maxWorkers: 1, onLog: ({ text }) => lines.push(text) });
        await run.wait();
        const { all } = await run.run.task('end').artifacts as { all: Promise<unknown> };
        console.log(JSON.stringify([round, run.status, await all, lines]), process.pid);
      }
      console.log(process.stdout.write === write);`,
    );
    const { code, stdout, stderr } = await rig.script(['program.ts']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trim().split('\n');
    const pid = Number(lines[0]?.split(' ').at(-1));
    expect(lines).toEqual([
      ...[1, 2].map(
        (round) =>
          `${JSON.stringify([
            round,
            'succeeded',
            [
              [pid, 0],
              [pid, 1],
            ],
            ['task 0', 'task 1'],
          ])} ${pid}`,
      ),
      'true',
    ]);
  });

  it('may load modules with configs of its own afterwards; in a step it stays too late for one', async () => {
    await using rig = await FlowRig.create();
    const before = `import { config } from 'millrace';
      const unit = config('unit', { default: 'mm' });`;
    const work = `this.found = unit; if (n === 1) config('late', { default: 1 })`;
    await rig.write('flow.ts', each({ work, before, items: 2 }));
    await rig.write(
      'own.ts',
      `import { config } from 'millrace'; export const own = config('own', { default: 'mine' });`,
    );
    await rig.write(
      'program.ts',
      `import { Runner } from 'millrace/runner';
      const runner = new Runner('flow.ts', { configs: { unit: 'inch' } });
      const { run } = await (await runner.run({}, { isolation: 'inline' })).wait();
      console.log(await run.task('work', '0').artifacts['found'], (await run.task('work', '1').failure)?.code);
      console.log((await import('./own.ts')).own);`,
    );
    const { stdout, stderr } = await rig.script(['program.ts']);
    expect([stdout, stderr]).toEqual(['inch CONFIG_LATE\nmine\n', '']);
  });

  it('cannot give them another environment or folder than its own', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', each({}));
    await rig.write(
      'program.ts',
      `import { Runner } from 'millrace/runner';
      await new Runner('../flow.ts', { env: { UNIT: 'mm' }, cwd: 'elsewhere' })
        .run({}, { isolation: 'inline' }).catch((error) => console.log(error.code, error.message));`,
    );
    await rig.write('elsewhere/.keep', '');
    const { stdout } = await rig.script(['program.ts']);
    expect(stdout).toContain('INLINE_CANNOT_HOLD');
    expect(stdout).toMatch(/other variables than this process \(UNIT\)/);
    expect(stdout).toMatch(/they are to run in .*elsewhere/);
  });
});
