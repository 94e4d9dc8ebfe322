import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    await running.waitForEvent('task.launched', ({ step }) => step === 'work');
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
    const launched = await lost.waitForEvent('task.launched', ({ step }) => step === 'work');
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

/** The guard may have been faster. */
function endProcess(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
