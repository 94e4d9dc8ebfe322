import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type EndedRun, type ExitHooks, FlowSpec, param, step } from 'millrace';
import { Runner } from 'millrace/runner';
import { describe, expect, it } from 'vitest';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

/** Hooks append a line to the file `told`. */
const hooked = (hooks: string, work = '') => `
  import { FlowSpec, step, type EndedRun, type ExitHooks } from 'millrace';
  import { appendFileSync } from 'node:fs';
  import { setTimeout as delay } from 'node:timers/promises';
  const tell = (what: string) => appendFileSync('told', what + '\\n');
  function notify(ended: EndedRun) { console.log('hello from notify', process.pid); tell('notify ' + ended.status); }
  function full(ended: EndedRun) { tell(JSON.stringify(ended)); }
  function broken() { throw new RangeError('no network'); }
  async function slow() { tell('slow'); await delay(60_000); }
  export class Hooked extends FlowSpec {
    static exitHooks: ExitHooks = ${hooks};
    @step start() { this.next(this.work); }
    @step async work() { ${work}; this.next(this.end); }
    @step end() {}
  }`;

async function told(rig: FlowRig): Promise<string[]> {
  try {
    return (await readFile(join(rig.dir, 'told'), 'utf8')).trim().split('\n');
  } catch {
    return [];
  }
}

function hookEvents({ events }: Finished): string[] {
  return events.flatMap((event) => ('hook' in event ? [`${event.hook} ${event.type}`] : []));
}

describe('exit hooks', () => {
  it('run after the run, in the order they are listed, each in a process of its own, with their output in the logs', async () => {
    await using rig = await FlowRig.create();
    const other = `function other() { console.log('hello from other', process.pid); }`;
    const flow = hooked(`{ onSuccess: [notify, other], onFailure: full, onCancel: full }`);
    await rig.write('flow.ts', flow.replace('export class', `${other}\n  export class`));
    const finished = await rig.run(['flow.ts']);
    expect(finished.code).toBe(0);
    expect(hookEvents(finished)).toEqual([
      'notify hook.started',
      'notify hook.succeeded',
      'other hook.started',
      'other hook.succeeded',
    ]);
    const types = finished.events.map(({ type }) => type);
    expect(types.indexOf('run.succeeded')).toBeLessThan(types.indexOf('hook.started'));
    expect(await told(rig)).toEqual(['notify succeeded']);
    const { stdout } = await rig.ok(['logs', 'latest']);
    const pids = [...stdout.matchAll(/\[exit\.(\w+)\/\d\] hello from \w+ (\d+)/g)];
    expect(pids.map(([, name]) => name)).toEqual(['notify', 'other']);
    expect(pids[0]?.[2]).not.toBe(pids[1]?.[2]);
    expect((await rig.ok(['runs'])).stdout).toContain('succeeded');
    expect((await rig.ok(['show', 'flow.ts'])).stdout).toContain(
      'notify after a run that succeeded',
    );
  });

  it('are told what failed, and where', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      hooked(`{ onSuccess: notify, onFailure: [full] }`, `throw new Error('broken')`),
    );
    const { code, events } = await rig.run(['flow.ts', '--tag', 'nightly']);
    expect(code).toBe(1);
    expect(JSON.parse((await told(rig))[0] ?? '')).toEqual({
      flowName: 'Hooked',
      runId: events[0]?.run,
      pathspec: `Hooked/${events[0]?.run}`,
      status: 'failed',
      tags: ['nightly'],
      durationMs: expect.any(Number),
      failure: { message: 'Error: broken', kind: 'user-error', task: 'work/0', attempt: 1 },
    });
  });

  it('never change the outcome: one that fails is reported, and the next one runs', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', hooked('{ onSuccess: [broken, notify] }'));
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(0);
    expect(stderr).toContain('exit hook broken failed: RangeError: no network');
    expect(stderr).toMatch(/flow\.ts:8:/);
    expect(await told(rig)).toEqual(['notify succeeded']);
    const { stdout } = await rig.ok(['runs', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ status: 'succeeded' }]);
  });

  it('are ended when their time is over', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', hooked(`{ onSuccess: [slow, notify], timeout: '2s' }`));
    const finished = await rig.run(['flow.ts', '--grace', '50ms']);
    expect(finished.code).toBe(0);
    const failed = finished.events.find((event) => event.type === 'hook.failed');
    expect(failed?.failure).toEqual({ kind: 'timeout', afterMs: 2_000 });
    expect(await told(rig)).toEqual(['slow', 'notify succeeded']);
  });

  it('run after a cancelled run, and a second signal ends them', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', hooked(`{ onCancel: [full, slow, notify] }`, 'await delay(60_000)'));
    const running = rig.start(['run', 'flow.ts', '--json', '--grace', '50ms']);
    await running.waitForEvent('task.launched', ({ step: name }) => name === 'work');
    running.kill('SIGINT');
    await running.waitForEvent('hook.started', ({ hook }) => hook === 'slow');
    running.kill('SIGINT');
    const finished = await running.finished;
    expect(finished.code).toBe(130);
    expect(hookEvents(finished)).toEqual([
      'full hook.started',
      'full hook.succeeded',
      'slow hook.started',
      'slow hook.failed',
    ]);
    expect(JSON.parse((await told(rig))[0] ?? '')).toMatchObject({
      status: 'cancelled',
      reason: 'SIGINT',
    });
  });

  it('do not run for a run that was lost; its resume runs its own', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', hooked(`{ onSuccess: full }`, `tell('work'); await delay(60_000)`));
    const lost = rig.start(['run', 'flow.ts', '--json']);
    const launched = await lost.waitForEvent('task.launched', ({ step: name }) => name === 'work');
    lost.kill('SIGKILL');
    await lost.finished;
    if (launched.pid !== undefined) endProcess(launched.pid);
    await rig.write('flow.ts', hooked(`{ onSuccess: full }`));
    await rig.ok(['resume', 'flow.ts']);
    const ended = (await told(rig)).filter((line) => line.startsWith('{'));
    expect(ended.map((line) => JSON.parse(line))).toMatchObject([
      { status: 'succeeded', originRunId: launched.run },
    ]);
  });

  it('are checked with the flow', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      hooked(`{ onSucces: notify, onFailure: ['page'], timeout: 'soon' } as any`),
    );
    const { code, stderr } = await rig.flow(['check', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain('static exitHooks has no "onSucces"');
    expect(stderr).toContain('did you mean "onSuccess"?');
    expect(stderr).toContain('has something in "onFailure" that is no function');
    expect(stderr).toContain('has a timeout that is no length of time');
  });
});

describe('exit hooks of a class without a file', () => {
  it('run in the process of the program: none changes the outcome, or keeps the next from running', async () => {
    await using rig = await FlowRig.create();
    const heard: unknown[] = [];
    class Hooked extends FlowSpec {
      static readonly exitHooks: ExitHooks = {
        onSuccess: [notify, broken, leaving, endless],
        onFailure: () => void heard.push('failed'),
        timeout: '50ms',
      };
      readonly key = param.secret();
      @step start() {
        this.next(this.end);
      }
      @step end() {}
    }
    async function notify({ pathspec, status }: EndedRun) {
      await pause(1);
      process.stdout.write('the key is k3y-of-mine\n');
      heard.push(pathspec, status);
    }
    function broken() {
      throw new RangeError('no k3y-of-mine');
    }
    function leaving() {
      process.exit(7);
    }
    async function endless() {
      await new Promise(() => {});
    }
    const hooks: unknown[] = [];
    const executing = await new Runner(Hooked, { store: rig.store }).run(
      { key: 'k3y-of-mine' },
      {
        isolation: 'inline',
        onEvent: (event) => {
          if (event.type === 'hook.failed') hooks.push([event.hook, event.failure]);
          else if ('hook' in event) hooks.push([event.hook, event.type]);
        },
      },
    );
    expect((await executing.wait()).status).toBe('succeeded');
    expect(heard).toEqual([executing.run.pathspec, 'succeeded']);
    expect(hooks).toEqual([
      ['notify', 'hook.started'],
      ['notify', 'hook.succeeded'],
      ['broken', 'hook.started'],
      ['broken', expect.objectContaining({ name: 'RangeError', message: 'no ***' })],
      ['leaving', 'hook.started'],
      ['leaving', { kind: 'exit', code: 7 }],
      ['endless', 'hook.started'],
      ['endless', { kind: 'timeout', afterMs: 50 }],
    ]);
    const { stdout } = await rig.ok(['logs', 'latest']);
    expect(stdout).toContain('[exit.notify/0] the key is ***');
  });

  it('end when the run is heard to stop', async () => {
    await using rig = await FlowRig.create();
    class Hooked extends FlowSpec {
      static readonly exitHooks: ExitHooks = { onSuccess: [endless, endless] };
      @step start() {
        this.next(this.end);
      }
      @step end() {}
    }
    async function endless() {
      await new Promise(() => {});
    }
    const ends: unknown[] = [];
    const enough = new AbortController();
    const executing = await new Runner(Hooked, { store: rig.store }).run(
      {},
      {
        isolation: 'inline',
        signal: enough.signal,
        onEvent: (event) => {
          if (event.type === 'hook.started') enough.abort();
          if (event.type === 'hook.failed') ends.push(event.failure);
        },
      },
    );
    expect((await executing.wait()).status).toBe('succeeded');
    expect(ends).toEqual([expect.objectContaining({ kind: 'cancelled' })]);
  });
});

/** The guard may have been faster. */
function endProcess(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
