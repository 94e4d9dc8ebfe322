import { getEventListeners } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FlowSpec } from 'millrace';
import { Runner } from 'millrace/runner';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const ADD = `
import { FlowSpec, param, step } from 'millrace';
export class Add extends FlowSpec {
  readonly a = param.int({ default: 1 });
  readonly since = param.date({ default: '2020-01-01' });
  readonly names = param.list({ of: 'string', default: [] });
  sum = 0;
  year = 0;
  @step start() {
    console.log('adding', process.env['UNIT'] ?? 'nothing');
    console.error('careful');
    this.sum = this.a + this.names.length;
    this.year = this.since.getUTCFullYear();
    if (this.a < 0) throw new RangeError('negative');
    this.next(this.end);
  }
  @step end() {}
}`;

const WAIT = `
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { current, FlowSpec, step } from 'millrace';
export class Wait extends FlowSpec {
  @step async start() {
    writeFileSync('started', '');
    while (!existsSync('go') && !current.signal.aborted) await setTimeout(10);
    this.next(this.end);
  }
  @step end() {}
}`;

/** What a join of many gets goes through the store. */
const BREAKS_STORE = `
import { renameSync, writeFileSync } from 'node:fs';
import { FlowSpec, step, type Inputs } from 'millrace';
export class Sum extends FlowSpec {
  sum = 0;
  one = 0;
  @step start() { this.next(this.work, { foreach: Array.from({ length: 100 }, (_, n) => n) }); }
  @step work(one: number) {
    this.one = one;
    if (one === 99) {
      renameSync('.millrace/blobs', '.millrace/away');
      writeFileSync('.millrace/blobs', '');
    }
    this.next(this.join);
  }
  @step join(inputs: Inputs<Sum>) { this.sum = inputs.reduce((sum, { one }) => sum + one, 0); this.next(this.end); }
  @step end() {}
}`;

async function rigWith(files: { readonly [name: string]: string }): Promise<FlowRig> {
  const rig = await FlowRig.create();
  for (const [name, text] of Object.entries(files)) await rig.write(name, text);
  return rig;
}

const marked = (rig: FlowRig) => ({ cwd: rig.dir, store: rig.store, env: rig.mark });

const CONFIGURED = `
import { config, FlowSpec, step } from 'millrace';
const train = config<{ size: number }>('train');
export class Configured extends FlowSpec {
  size = 0;
  @step start() { this.size = train.size; this.next(this.end); }
  @step end() {}
}`;

describe('a Runner', () => {
  it('runs a flow file, and hands the run over as soon as it exists', async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    const executing = await new Runner('add.ts', marked(rig)).run();
    expect(executing.status).toBe('running');
    expect(executing.exitCode).toBeUndefined();
    expect(await executing.run.status).toBe('running');
    await executing.wait();
    expect(executing).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(await executing.run.artifacts['sum']).toBe(1);
  });

  it('takes parameters as values: dates, lists, numbers', async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    const { run } = await (
      await new Runner('add.ts', marked(rig)).run({
        a: 5,
        since: new Date('2024-05-01'),
        names: ['x', 'y'],
      })
    ).wait();
    expect(await run.data()).toMatchObject({ sum: 7, year: 2024 });
  });

  it('takes the values of configs', async () => {
    await using rig = await rigWith({ 'flow.ts': CONFIGURED });
    const runner = new Runner('flow.ts', { ...marked(rig), configs: { train: { size: 7 } } });
    expect(await (await (await runner.run()).wait()).run.artifacts['size']).toBe(7);
    await expect(new Runner('flow.ts', marked(rig)).run()).rejects.toThrow('has no value');
  });

  it('takes parameters from the environment where the program gives none', async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    const options = { ...marked(rig), env: { ...rig.mark, MILLRACE_PARAM_A: '8' } };
    const runner = new Runner('add.ts', options);
    expect(await (await (await runner.run()).wait()).run.artifacts['sum']).toBe(8);
    expect(await (await (await runner.run({ a: 2 })).wait()).run.artifacts['sum']).toBe(2);
  });

  it('gives tasks its environment and its working directory', async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    const runner = new Runner('add.ts', {
      ...marked(rig),
      env: { ...rig.mark, UNIT: 'metres' },
    });
    const executing = await (await runner.run()).wait();
    expect(await executing.stdout).toBe('adding metres\n');
    expect(await executing.stderr).toBe('careful\n');
  });

  it('tells a failed flow as a status, with its failure', async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    const executing = await (await new Runner('add.ts', marked(rig)).run({ a: -1 })).wait();
    expect(executing).toMatchObject({ status: 'failed', exitCode: 1 });
    expect(await executing.run.failure).toMatchObject({ message: 'negative' });
  });

  it('throws while nothing was started, and leaves no store', async () => {
    await using rig = await rigWith({
      'add.ts': ADD,
      'broken.ts': `console.error('look here'); process.exit(3);`,
      'throwing.ts': `console.error('and here'); throw new Error('broken');`,
    });
    const open = (file: string) => new Runner(file, marked(rig));
    await expect(open('add.ts').run({ a: 'x' })).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
    });
    await expect(open('add.ts').run({ b: 1 })).rejects.toThrow(/no parameter "b"/);
    await expect(open('add.ts').run({ a: { f: () => 1 } })).rejects.toThrow(/parameter a\.f /);
    await expect(open('broken.ts').run()).rejects.toMatchObject({
      code: 'FLOW_IMPORT_EXITED',
      details: { output: 'look here\n' },
    });
    await expect(open('throwing.ts').run()).rejects.toMatchObject({
      code: 'FLOW_IMPORT_FAILED',
      details: { output: 'and here\n' },
    });
    await expect(open('none.ts').run()).rejects.toMatchObject({ code: 'FLOW_FILE_MISSING' });
    await expect(open('add.ts').run({}, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it('obeys the options of a run', async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    const { run } = await (
      await new Runner('add.ts', marked(rig)).run({}, { tags: ['a'], maxWorkers: 1, graceMs: 7 })
    ).wait();
    expect(await run.tags).toEqual(['a']);
    expect(await run.options).toMatchObject({ maxWorkers: 1, graceMs: 7, onFailure: 'finish' });
  });

  it('calls back with events and lines while the run goes on', async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    const seen: string[] = [];
    const executing = await new Runner('add.ts', marked(rig)).run(
      {},
      { onEvent: ({ type }) => seen.push(type), onLog: ({ text }) => seen.push(text) },
    );
    await executing.wait();
    expect(seen[0]).toBe('run.started');
    expect(seen).toContain('careful');
    expect(seen.at(-1)).toBe('run.succeeded');
    const types: string[] = [];
    for await (const { type } of executing.events()) types.push(type);
    expect(types).toEqual(seen.filter((text) => text.includes('.')));
  });

  it('streams the lines of a running task, to every reader from the first one on', async () => {
    await using rig = await rigWith({
      'wait.ts': WAIT.replace(
        "writeFileSync('started', '');",
        "console.log('one'); console.log('two');",
      ),
    });
    const executing = await new Runner('wait.ts', marked(rig)).run();
    const seen: string[] = [];
    for await (const { step, text } of executing.streamLog('stdout')) {
      seen.push(`${step}: ${text}`);
      if (text === 'two') await rig.write('go', '');
    }
    expect(seen).toEqual(['start: one', 'start: two']);
    const again: string[] = [];
    for await (const { text } of executing.streamLog('stdout')) again.push(text);
    expect(again).toEqual(['one', 'two']);
  });

  it('cancels: gently first, by hand, by signal, by timeout, by leaving the block', async () => {
    await using rig = await rigWith({ 'wait.ts': WAIT });
    const runner = new Runner('wait.ts', marked(rig));
    const byHand = await runner.run();
    byHand.cancel('enough');
    expect(await byHand.wait()).toMatchObject({ status: 'cancelled', exitCode: 1 });

    const abort = new AbortController();
    const bySignal = await runner.run({}, { signal: abort.signal });
    abort.abort(new Error('closing time'));
    expect((await bySignal.wait()).status).toBe('cancelled');

    const late = await (await runner.run()).wait({ timeout: '50ms' });
    expect(late.status).toBe('timeout');

    let left: typeof late;
    {
      await using executing = await runner.run();
      left = executing;
    }
    expect(left.status).toBe('cancelled');
    expect(await left.run.status).toBe('cancelled');
  });

  it('stops waiting on a signal, and leaves the run alone', async () => {
    await using rig = await rigWith({ 'wait.ts': WAIT });
    const executing = await new Runner('wait.ts', marked(rig)).run();
    const waiting = executing.wait({ signal: AbortSignal.timeout(20) });
    await expect(waiting).rejects.toThrow(/timeout/);
    expect(executing.status).toBe('running');
    await rig.write('go', '');
    expect((await executing.wait()).status).toBe('succeeded');
    await expect(executing.wait({ timeout: 'soon' })).rejects.toMatchObject({
      code: 'DURATION_INVALID',
    });
  });

  it('installs no signal handlers, and leaves nothing behind when 50 work at once', {
    timeout: 120_000,
  }, async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    const { signal } = new AbortController();
    const runner = new Runner('add.ts', { ...marked(rig), signal });
    // What the first run loads stays.
    await (await runner.run()).wait();
    await expect.poll(() => holdings().resources).not.toContain('ProcessWrap');
    const before = holdings();
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const runs = await Promise.all(
      Array.from({ length: 50 }, (_, a) => runner.run({ a }, { maxWorkers: 1, signal })),
    );
    expect(handlers()).toEqual(before.handlers);
    const done = await Promise.all(runs.map((run) => run.wait({ timeout: '5m', signal })));
    expect(done.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 'succeeded'));
    const data = await Promise.all(done.map(({ run }) => run.data()));
    expect(data.map(({ sum }) => sum)).toEqual(Array.from({ length: 50 }, (_, a) => a));
    await expect.poll(holdings, { timeout: 10_000 }).toEqual(before);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  it('runs a class that says where it was written', async () => {
    await using rig = await rigWith({ 'add.ts': ADD });
    class Add extends FlowSpec {
      static readonly source = new URL(`file://${rig.dir}/add.ts`).href;
    }
    const executing = await (await new Runner(Add, marked(rig)).run()).wait();
    expect(executing.status).toBe('succeeded');
  });

  it('is lost where it cannot be recorded to its end, and says why', async () => {
    await using rig = await rigWith({ 'sum.ts': BREAKS_STORE });
    const runner = new Runner('sum.ts', marked(rig));
    const executing = await (await runner.run({}, { maxWorkers: 1, isolation: 'pooled' })).wait();
    expect(executing).toMatchObject({
      status: 'lost',
      exitCode: 1,
      error: { code: 'STORE_NOT_WRITABLE' },
    });
    expect(await executing.run.status).toBe('lost');
    await rm(join(rig.store, 'blobs'));
    await rename(join(rig.store, 'away'), join(rig.store, 'blobs'));
    const resumed = await (await runner.resume()).wait();
    expect(resumed.status).toBe('succeeded');
    expect(await resumed.run.artifacts['sum']).toBe(4_950);
  });

  it('runs one of several flows of a file, by name', async () => {
    await using rig = await rigWith({
      'two.ts': `${ADD}\nexport class Other extends Add { }`,
    });
    const executing = await (await new Runner('two.ts:Other', marked(rig)).run()).wait();
    expect(executing.run.flow).toBe('Other');
  });
});

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'uncaughtException', 'unhandledRejection'];

function handlers(): Record<string, number> {
  return Object.fromEntries(SIGNALS.map((name) => [name, process.listenerCount(name)]));
}

/** What a program would have to take away or to close: handlers, open files, children, timers and pipes. */
function holdings() {
  return {
    handlers: handlers(),
    files: readdirSync('/proc/self/fd').length,
    children: readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8'),
    // Requests under way, and the timers of whoever looks, come and go.
    resources: process
      .getActiveResourcesInfo()
      .filter((name) => !/Immediate|Timeout|Req/.test(name)),
  };
}
