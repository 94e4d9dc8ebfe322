import { Runner } from 'millrace/runner';
import { describe, expect, it } from 'vitest';
import { FlowRig, transcript } from '../rig/flow-rig.ts';

const squares = (work: string) => `
import { setTimeout } from 'node:timers/promises';
import { config, current, FlowSpec, param, step, type Inputs } from 'millrace';
const unit = config<{ name: string }>('unit', { default: { name: 'none' } });
export class Squares extends FlowSpec {
  readonly factor = param.int({ default: 2 });
  since = new Date(0);
  square = 0;
  @step start() { this.next(this.work, { foreach: [1, 2, 3] }); }
  @step async work(n: number) { ${work}; this.next(this.join); }
  @step join(inputs: Inputs<Squares>) { this.next(this.end); }
  @step end() {}
}`;

const marked = (rig: FlowRig) => ({ cwd: rig.dir, store: rig.store, env: rig.mark });

/** A run in the store, then the code of the step as it is to be spun. */
async function ranRig(work: string): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.write('flow.ts', squares('this.square = n * n * this.factor'));
  const options = { ...marked(rig), configs: { unit: { name: 'm' } } };
  await (await new Runner('flow.ts', options).run({ factor: 3 })).wait();
  await rig.write('flow.ts', squares(work));
  return rig;
}

describe('runner.spin', () => {
  it('runs one task again on what it started with, and keeps what it leaves apart', async () => {
    await using rig = await ranRig(
      `console.log('item', n, unit.name); console.error('with', this.factor); this.square = -n`,
    );
    const runner = new Runner('flow.ts', marked(rig));
    const types: string[] = [];
    const lines: string[] = [];
    const spinning = await runner.spin('latest/work/2', {
      onEvent: ({ type }) => types.push(type),
      onLog: ({ text }) => lines.push(text),
    });
    expect(spinning.status).toBe('running');
    expect(spinning.exitCode).toBeUndefined();
    const spun = await spinning.wait();
    expect(spun).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(await spun.stdout).toBe('item 3 m\n');
    expect(await spun.stderr).toBe('with 3\n');
    expect(await spun.task.artifacts['square']).toBe(-3);
    expect(spun.task.pathspec).toBe(`Squares/${spun.spin}/work/2`);
    const recorded: string[] = [];
    for await (const { type } of spun.events()) recorded.push(type);
    expect(recorded).toEqual(['run.started', 'task.launched', 'task.succeeded', 'run.succeeded']);
    expect(types).toEqual(recorded);
    expect(lines.toSorted()).toEqual(['item 3 m', 'with 3']);
    expect((await rig.artifacts('latest/work/2'))['square']).toBe(27);
    expect((await rig.artifacts(`${spun.spin}/work/2`))['square']).toBe(-3);
  });

  it('starts with other values where they are set: parameters, and artifacts of any kind', async () => {
    await using rig = await ranRig(`this.square = this.factor + this.since.getUTCFullYear()`);
    const runner = new Runner('flow.ts', marked(rig));
    const set = { factor: 5, since: new Date('2024-02-03') };
    const spun = await (await runner.spin('latest/work', { set })).wait();
    expect(await spun.task.artifacts['square']).toBe(2029);
    await expect(runner.spin('latest/work', { set: { fctor: 5 } })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      hint: 'did you mean "factor"?',
    });
  });

  it('tells a failure, a cancel and a timeout as a status', async () => {
    await using rig = await ranRig(
      `if (n === 1) throw new Error('broken'); await setTimeout(600_000, undefined, { signal: current.signal })`,
    );
    const runner = new Runner('flow.ts', marked(rig));
    const failed = await (await runner.spin('latest/work/0')).wait();
    expect(failed).toMatchObject({ status: 'failed', exitCode: 1 });
    expect(await failed.task.failure).toMatchObject({ message: 'broken' });

    const cancelled = await runner.spin('latest/work/1');
    cancelled.cancel();
    expect((await cancelled.wait()).status).toBe('cancelled');

    const abort = new AbortController();
    const aborted = await runner.spin('latest/work/1', { signal: abort.signal });
    abort.abort();
    expect((await aborted.wait()).status).toBe('cancelled');

    const late = await (await runner.spin('latest/work/1')).wait({ timeout: '50ms' });
    expect(late.status).toBe('timeout');

    let left: typeof late;
    {
      await using spinning = await runner.spin('latest/work/1');
      left = spinning;
    }
    expect(left.status).toBe('cancelled');
  });

  it('throws while nothing was started', async () => {
    await using rig = await ranRig(`this.square = 1`);
    const runner = new Runner('flow.ts', marked(rig));
    const codes = {
      'latest/wrok': 'STEP_UNKNOWN',
      'latest/work/9': 'TASK_NOT_FOUND',
      'none/work': 'RUN_NOT_FOUND',
      latest: 'TARGET_INVALID',
    };
    for (const [pathspec, code] of Object.entries(codes)) {
      await expect(runner.spin(pathspec), pathspec).rejects.toMatchObject({ code });
    }
    const other = new Runner('flow.ts:Other', marked(rig));
    await expect(other.spin('latest/work')).rejects.toMatchObject({ code: 'ORIGIN_OF_OTHER_FLOW' });
    await rig.write('flow.ts', `throw new Error('does not load')`);
    await expect(runner.spin('latest/work')).rejects.toMatchObject({ code: 'FLOW_IMPORT_FAILED' });
    expect(await rig.exists('.millrace/spins')).toBe(false);
  });

  it('waits for a debugger, and shows its output, where it is asked to', async () => {
    await using rig = await ranRig(`console.log('seen')`);
    await rig.write(
      'spin.ts',
      `import { Runner } from 'millrace/runner';
      const runner = new Runner('flow.ts', { showOutput: true });
      await (await runner.spin('latest/work/0')).wait();
      const seen: string[] = [];
      const spinning = await runner.spin('latest/work/1', {
        inspect: true,
        onLog: ({ text }) => { if (text.includes('ws://')) spinning.cancel(); },
      });
      console.log((await spinning.wait()).status);`,
    );
    const finished = await rig.script(['spin.ts']);
    expect(finished.stderr, transcript(finished)).toMatch(/\/work\/0] seen$/m);
    expect(finished.stdout).toBe('cancelled\n');
  });
});
