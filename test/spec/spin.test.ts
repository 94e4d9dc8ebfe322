import { readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const squares = (
  work: string,
  gather = 'this.total = inputs.reduce((sum, one) => sum + one.square, 0)',
) => `
  import { FlowSpec, step, param, retry, timeout, catchError, environment, current, type Inputs } from 'millrace';
  export class Squares extends FlowSpec {
    readonly factor = param.int({ default: 2 });
    readonly token = param.secret({ optional: true });
    square = 0;
    total = 0;
    label = 'none';
    @step start() { this.label = 'set'; this.next(this.work, { foreach: [1, 2, 3] }); }
    @timeout('1m') @environment({ PLACE: 'oslo' }) @step async work(n: number) { ${work}; this.next(this.join); }
    @step join(inputs: Inputs<Squares>) { ${gather}; this.next(this.end); }
    @step end() {}
  }`;
const good = `this.square = n * n * this.factor`;

interface Spun {
  readonly spin: string;
  readonly origin: string;
  readonly task: string;
  readonly status: string;
  readonly failure?: { readonly message: string };
  readonly transition?: object;
  readonly artifacts?: Record<string, string>;
}

async function spin(rig: FlowRig, args: readonly string[], env = {}): Promise<Spun> {
  const { stdout } = await rig.flow(['spin', ...args, '--json'], { env });
  const spun: Spun = JSON.parse(stdout);
  return spun;
}

async function ranRig(work = good): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.write('flow.ts', squares(work));
  await rig.run(['flow.ts', '--factor', '3', '--on-failure', 'continue']);
  return rig;
}

describe('flow spin', () => {
  it('runs one task again on its recorded inputs with the code as it is now, and keeps the result apart', async () => {
    await using rig = await ranRig();
    const before = await rig.ok(['dump', 'latest/work/2', '--json']);
    await rig.write(
      'flow.ts',
      squares(`console.log('item', n, this.label); this.square = n + this.factor`),
    );
    const spun = await rig.ok(['spin', 'latest/work/2']);
    expect(spun.stderr).toContain('item 3 set\n');
    expect(spun.stdout).toContain('≠ square = 6');
    expect((await rig.ok(['dump', 'latest/work/2', '--json'])).stdout).toBe(before.stdout);
    const id = /dump (\w+)\/work\/2/.exec(spun.stdout)?.[1] ?? '';
    expect(await rig.artifacts(`${id}/work/2`)).toEqual({ square: 6, total: 0, label: 'set' });
    expect((await rig.ok(['logs', id])).stdout).toContain('item 3 set');
    const { stdout } = await rig.ok(['runs', '--json']);
    expect(JSON.parse(stdout)).toHaveLength(1);
  });

  it('sees the configs of the run, whatever their files say now', async () => {
    await using rig = await FlowRig.create();
    const tuned = `import { FlowSpec, config, step } from 'millrace';
      const tuning = config<{ factor: number }>('tuning', { file: 'tuning.json' });
      const given = config<string>('given', { default: 'nothing' });
      export class Tuned extends FlowSpec {
        seen = '';
        @step start() { this.seen = tuning.factor + given; this.next(this.end); }
        @step end() {}
      }`;
    await rig.write('flow.ts', tuned);
    await rig.write('tuning.json', '{ "factor": 5 }');
    await rig.ok(['run', 'flow.ts', '--config-value', 'given', '"by hand"']);
    await rig.write('tuning.json', '{ "factor": 6 }');
    await rig.write('flow.ts', tuned.replace('tuning.factor +', 'tuning.factor * 2 +'));
    const { stdout } = await rig.ok(['spin', 'latest/start']);
    expect(stdout).toContain("seen = '10by hand'");
  });

  it('lets fields and parameters start with other values', async () => {
    await using rig = await ranRig();
    const { artifacts } = await spin(rig, [
      'latest/work/1',
      '--set',
      'factor=5',
      '--set',
      'label="mine"',
    ]);
    expect(artifacts).toEqual({ square: 'changed' });
    const again = await rig.ok(['spin', 'latest/work/1', '--set', 'factor=5']);
    expect(again.stdout).toContain('square = 20');
    const gather = `this.total = inputs.length; this.label = this.label + '!'`;
    await rig.write('flow.ts', squares(good, gather));
    const joined = await rig.ok(['spin', 'latest/join', '--set', 'label="mine"']);
    expect(joined.stdout).toContain(`label = 'mine!'`);
    expect(joined.stdout).toContain('total = 3');
  });

  it('gives joins their recorded inputs, in order', async () => {
    await using rig = await ranRig();
    expect((await spin(rig, ['latest/join'])).artifacts).toEqual({ total: 'same' });
    await rig.write(
      'flow.ts',
      squares(good, `this.total = Number(inputs.map((one) => one.square).join(''))`),
    );
    expect((await rig.ok(['spin', 'latest/join/0'])).stdout).toContain('≠ total = 31227');
  });

  it('takes the task of a step that failed, has its environment, and secrets anew, but no retries', async () => {
    await using rig = await ranRig(`if (n === 2) throw new Error('two'); ${good}`);
    await rig.write(
      'flow.ts',
      squares(
        `console.log(process.env['PLACE'], this.token === 'hidden', current.attempt); ${good}`,
      ).replace('@timeout', '@retry(3) @timeout'),
    );
    const env = { MILLRACE_PARAM_TOKEN: 'hidden' };
    const spun = await rig.ok(['spin', 'latest/work', '--json'], { env });
    expect(spun.stderr).toContain('oslo true 1');
    expect(JSON.parse(spun.stdout)).toMatchObject({
      task: 'work/1',
      artifacts: { square: 'unknown' },
    });
    await rig.write(
      'flow.ts',
      squares(`throw new TypeError('still')`).replace(
        '@timeout',
        '@retry(3) @catchError("label") @timeout',
      ),
    );
    const failed = await rig.flow(['spin', 'latest/work', '--json']);
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      status: 'failed',
      failure: { message: 'still' },
    });
    const { stdout } = await rig.flow(['spin', 'latest/work']);
    expect(stdout).toContain('work/1 failed: TypeError: still');
    expect(stdout).toMatch(/flow\.ts:10:/);
  });

  it('reaches tasks inside loops, and steps behind a run that did not end', async () => {
    await using rig = await FlowRig.create();
    const loop = (end: string) => `
      import { FlowSpec, step } from 'millrace';
      export class Loop extends FlowSpec {
        count = 0;
        @step start() { this.next(this.again); }
        @step again() { this.count += 1; this.next({ true: this.again, false: this.end }, { condition: this.count < 3 }); }
        @step end() { ${end} }
      }`;
    await rig.write('flow.ts', loop(`throw new Error('broken')`));
    await rig.run(['flow.ts']);
    await rig.write('flow.ts', loop(`this.count += 100;`));
    expect((await rig.ok(['spin', 'latest/end'])).stdout).toContain('count = 103');
    const { artifacts, transition } = await spin(rig, ['latest/again/r1']);
    expect(artifacts).toEqual({ count: 'same' });
    expect(transition).toMatchObject({ kind: 'switch', to: 'again' });
  });

  it('waits for a debugger with --inspect, and says where', async () => {
    await using rig = await ranRig(`console.log('the step runs'); ${good}`);
    const running = rig.start(['spin', 'latest/work/0', '--inspect']);
    const line = await running.waitForOutput(/ws:\/\/127\.0\.0\.1:(\d+)\/([\w-]+)/);
    await running.waitForOutput(/Attach a debugger to 127\.0\.0\.1:\d+/);
    // Node tells the address before it waits, and does not hear what is said in between.
    while (!running.ended) await letGo(line).catch(() => {});
    const { code, stderr } = await running.finished;
    expect(stderr).toMatch(/Attach a debugger[^]*the step runs/);
    expect(code).toBe(0);
  });

  it('can be interrupted', async () => {
    await using rig = await ranRig();
    await rig.write(
      'flow.ts',
      squares(`console.log('here'); await new Promise((go) => setTimeout(go, 60_000))`),
    );
    const running = rig.start(['spin', 'latest/work/0']);
    await running.waitForOutput('here');
    running.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
  });

  it('refuses what it cannot run, before anything is stored', async () => {
    await using rig = await ranRig();
    const refusals: [string[], string, string][] = [
      [['latest/wrk'], 'no step "wrk"', 'did you mean "work"?'],
      [['latest/work/7'], 'no task work/7', 'did you mean'],
      [['latest'], 'needs a step', 'RUN/step'],
      [
        ['latest/work', '--set', 'factr=1'],
        'no field or parameter "factr"',
        'did you mean "factor"?',
      ],
      [['latest/work', '--set', 'label=mine'], 'is no JSON', `'label="mine"'`],
      [['latest/work', '--set', 'total'], 'sets nothing', 'name=json'],
      [['latest/work', '--set', 'factor="x"'], 'factor', ''],
      [['latest/work', '--file', 'gone.ts'], 'no file gone.ts', ''],
    ];
    for (const [args, message, hint] of refusals) {
      const { code, stderr } = await rig.flow(['spin', ...args]);
      expect(stderr).toContain(message);
      expect(stderr).toContain(hint);
      expect(code, args.join(' ')).toBe(2);
    }
    await rig.write('flow.ts', squares(good).replaceAll('work', 'labor'));
    expect((await rig.flow(['spin', 'latest/work'])).stderr).toContain('no step "work" any more');
    await rig.write('other.ts', squares(good));
    await rig.ok(['spin', 'latest/work', '--file', 'other.ts']);
  });

  it('says which inputs are gone', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Large extends FlowSpec {
        text = '';
        @step start() { this.text = 'x'.repeat(100_000); this.next(this.end); }
        @step end() {}
      }`,
    );
    const { events } = await rig.run(['flow.ts']);
    const [started, , ended] = events;
    const hash = ended?.type === 'task.succeeded' ? ended.changes['text']?.hash : undefined;
    expect(started?.type).toBe('run.started');
    const blobs = await readdir(join(rig.store, 'blobs'), { recursive: true });
    const blob = blobs.find((name) => name.replaceAll('/', '').endsWith(hash ?? '?'));
    await rm(join(rig.store, 'blobs', blob ?? ''));
    const { code, stderr } = await rig.flow(['spin', 'latest/end']);
    expect(stderr).toContain('The inputs of end/0 are gone: text.');
    expect(code).toBe(2);
  });
});

/** What a debugger says once it is ready, in one masked frame of a WebSocket. */
function letGo(address: string): Promise<void> {
  const { hostname, port, pathname } = new URL(address);
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16, 1).toString('base64'),
    };
    const asked = request({ hostname, port, path: pathname, headers });
    asked.on('upgrade', (_response, socket) => {
      const text = JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' });
      socket.write(
        Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]),
      );
      socket.once('data', () => socket.destroy());
      // Also without an answer: the process may have been let go before, and end now.
      socket.once('close', () => resolve());
      socket.on('error', () => {});
    });
    asked.on('error', reject);
    asked.end();
  });
}
