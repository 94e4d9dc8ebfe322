import { existsSync, watch } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Runner, type RunnerProgress, type RunnerRunOptions } from 'millrace/runner';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** Waits for the file `go`, and says so by the file `started`. */
const FLOW = `
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { config, current, FlowSpec, step } from 'millrace';
const unit = config<{ name: string }>('unit', { default: { name: 'none' } });
if (existsSync('slow')) { writeFileSync('importing', ''); await setTimeout(600_000); }
export class Options extends FlowSpec {
  unit = '';
  @step async start() {
    console.log('in the task');
    this.unit = unit.name;
    if (existsSync('wait')) while (!current.signal.aborted) await setTimeout(10);
    this.next(this.work, { foreach: [1, 2] });
  }
  @step work(item: number) { this.next(this.join); }
  @step join(inputs: unknown[]) { this.next(this.end); }
  @step end() {}
}`;

async function rigWith(files: { readonly [name: string]: string } = {}): Promise<FlowRig> {
  const rig = await FlowRig.create();
  for (const [name, text] of Object.entries({ 'flow.ts': FLOW, ...files })) {
    await rig.write(name, text);
  }
  return rig;
}

/** Resolves once the file is there. */
function fileOf(rig: FlowRig, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!existsSync(join(rig.dir, name))) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(rig.dir, look).on('error', reject);
    look();
  });
}

const marked = (rig: FlowRig) => ({ cwd: rig.dir, store: rig.store, env: rig.mark });

describe('the options of a Runner', () => {
  it('counts the tasks of each step while the run goes on', async () => {
    await using rig = await rigWith();
    const seen: RunnerProgress[] = [];
    const executing = await new Runner('flow.ts', marked(rig)).run(
      {},
      { maxWorkers: 1, onProgress: (progress) => seen.push(progress) },
    );
    await executing.wait();
    const none = { running: 0, succeeded: 0, failed: 0, cloned: 0, retried: 0 };
    expect(seen[0]).toEqual({
      run: executing.run.id,
      flow: 'Options',
      steps: [
        { name: 'start', expected: undefined, ...none },
        { name: 'work', expected: undefined, ...none },
        { name: 'join', expected: undefined, ...none },
        { name: 'end', expected: undefined, ...none },
      ],
    });
    const work = seen.map(({ steps }) => steps[1]);
    expect(work).toContainEqual({ name: 'work', ...none, expected: 2, running: 1, succeeded: 1 });
    expect(work.at(-1)).toEqual({ name: 'work', ...none, expected: 2, succeeded: 2 });
  });

  it('reads configs from files, and writes the run id into one', async () => {
    await using rig = await rigWith({ 'unit.yaml': 'name: metre\n' });
    const runner = new Runner('flow.ts', { ...marked(rig), configFiles: { unit: 'unit.yaml' } });
    const { run } = await (await runner.run({}, { runIdFile: join(rig.dir, 'id') })).wait();
    expect(await run.artifacts['unit']).toBe('metre');
    expect(await readFile(join(rig.dir, 'id'), 'utf8')).toBe(run.id);
  });

  it('refuses what is no option, or cannot be its value, before anything starts', async () => {
    await using rig = await rigWith();
    const runner = new Runner('flow.ts', marked(rig));
    const refuse = async (options: object, message: string, hint: string) => {
      const started = runner.run({}, options);
      await expect(started).rejects.toMatchObject({ code: 'OPTION_INVALID', message, hint });
    };
    await refuse({ maxWorker: 1 }, 'There is no option "maxWorker".', 'did you mean "maxWorkers"?');
    await refuse(
      { maxWorkers: 0 },
      'The option maxWorkers cannot be 0.',
      'give a whole number from 1',
    );
    await refuse(
      { onFailure: 'stop' },
      'The option onFailure cannot be "stop".',
      'give one of finish, kill, continue',
    );
    await refuse({ tags: 'one' }, 'The option tags cannot be "one".', 'give a list of texts');
    await expect(runner.run({}, { with: ['rety:1'] })).rejects.toThrow(/no decorator "rety"/);
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it('refuses what only a program without a compiler can give, and a folder that is not there', async () => {
    await using rig = await rigWith();
    const runner = new Runner('flow.ts', marked(rig));
    const refuse = (started: Promise<unknown>, message: string) =>
      expect(started).rejects.toMatchObject({
        code: 'OPTION_INVALID',
        message,
        hint: expect.stringMatching(/^give /),
      });
    const any = (value: unknown): never => value as never;
    await refuse(runner.run(any('x')), 'The parameters cannot be "x".');
    await refuse(runner.run(any([1])), 'The parameters cannot be [ 1 ].');
    await refuse(runner.run({}, any(null)), 'The options cannot be null.');
    await refuse(runner.resume(any('latest')), 'The options cannot be "latest".');
    await refuse(runner.spin(any(5)), 'The task cannot be 5.');
    await refuse(
      runner.run({}, { maxWorkers: any(Object.create(null)) }),
      'The option maxWorkers cannot be [Object: null prototype] {}.',
    );
    await symlink('loop', join(rig.dir, 'loop'));
    for (const [name, problem] of [
      ['gone', 'there is no such folder'],
      ['flow.ts', 'that is no folder'],
      ['flow.ts/below', 'there is no such folder'],
      ['loop', 'that folder cannot be entered (ELOOP)'],
    ] as const) {
      const cwd = join(rig.dir, name);
      expect(() => new Runner('flow.ts', { cwd })).toThrow(
        expect.objectContaining({
          code: 'CWD_INVALID',
          message: `The option cwd cannot be ${cwd}: ${problem}.`,
        }),
      );
    }
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it('takes an option that is undefined as one that was not given', async () => {
    await using rig = await rigWith();
    const options = { maxWorkers: undefined, onEvent: undefined } as unknown as RunnerRunOptions;
    const executing = await (await new Runner('flow.ts', marked(rig)).run({}, options)).wait();
    expect(executing.status).toBe('succeeded');
    expect((await executing.run.options).maxWorkers).toBeGreaterThan(0);
  });

  it('ends a slow import when its time is over, or its signal fires', async () => {
    await using rig = await rigWith({ slow: '' });
    const runner = new Runner('flow.ts', marked(rig));
    const abort = new AbortController();
    const starting = runner.run({}, { signal: abort.signal });
    await Promise.all([
      expect(starting).rejects.toThrow('changed my mind'),
      fileOf(rig, 'importing').then(() => abort.abort(new Error('changed my mind'))),
    ]);
    await expect(runner.run({}, { loadTimeoutMs: 50 })).rejects.toMatchObject({
      code: 'FLOW_IMPORT_SLOW',
    });
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it('stops all that it has started with one signal', async () => {
    await using rig = await rigWith({ wait: '' });
    const abort = new AbortController();
    const runner = new Runner('flow.ts', { ...marked(rig), signal: abort.signal });
    const runs = await Promise.all([runner.run(), runner.run()]);
    abort.abort(new Error('closing time'));
    for (const run of runs) expect((await run.wait()).status).toBe('cancelled');
    await expect(runner.run()).rejects.toThrow('closing time');
  });

  it('stops the run when a callback throws, and wait throws that', async () => {
    await using rig = await rigWith({ wait: '' });
    const runner = new Runner('flow.ts', marked(rig));
    for (const throwing of [
      { onLog: () => fail() },
      { onProgress: () => fail() },
      { onEvent: () => Promise.reject(new Error('my mistake')) },
    ]) {
      const executing = await runner.run({}, throwing);
      await expect(executing.wait()).rejects.toThrow('my mistake');
      expect(executing).toMatchObject({ status: 'cancelled', error: new Error('my mistake') });
    }
  });

  it('keeps runs in the store that it is given, relative to its folder', async () => {
    await using rig = await rigWith();
    const runner = new Runner('flow.ts', { ...marked(rig), store: 'other' });
    const { run } = await (await runner.run()).wait();
    expect(await rig.exists(`other/flows/Options/${run.id}`)).toBe(true);
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it('kills a run that is cancelled twice', async () => {
    await using rig = await rigWith({
      'flow.ts': FLOW.replace(
        "console.log('in the task');",
        `process.on('SIGTERM', () => console.log('not yet'));
        console.log('ready');
        await new Promise(() => setInterval(() => {}, 1000));`,
      ),
    });
    const executing = await new Runner('flow.ts', marked(rig)).run(
      {},
      {
        graceMs: 600_000,
        onLog: ({ text }) => {
          if (text === 'ready' || text === 'not yet') executing.cancel();
        },
      },
    );
    expect((await executing.wait()).status).toBe('cancelled');
  });

  it('leaves a run its grace when a block is left after a cancel', async () => {
    await using rig = await rigWith({
      'flow.ts': `
        import { writeFileSync } from 'node:fs';
        import { FlowSpec, step } from 'millrace';
        export class Slow extends FlowSpec {
          @step async start() {
            process.on('SIGTERM', () => setTimeout(() => { writeFileSync('tidy', ''); process.exit(0); }, 200));
            writeFileSync('started', '');
            await new Promise(() => setInterval(() => {}, 1000));
            this.next(this.end);
          }
          @step end() {}
        }`,
    });
    {
      await using executing = await new Runner('flow.ts', marked(rig)).run();
      await fileOf(rig, 'started');
      executing.cancel();
    }
    expect(await rig.exists('tidy')).toBe(true);
  });
});

function fail(): never {
  throw new Error('my mistake');
}
