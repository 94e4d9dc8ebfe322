import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const failing = (decorators: string, body: string) => `
  import { FlowSpec, step, retry, timeout, catchError, current } from 'millrace';
  export class Failing extends FlowSpec {
    made = '';
    problem: any;
    @step start() { this.next(this.work); }
    ${decorators} @step async work() { ${body}; this.next(this.end); }
    @step end() { this.made += this.problem?.kind ?? ''; }
  }`;

describe('@retry', () => {
  it('tries again from the inputs, and counts attempts from 1', async () => {
    await using rig = await FlowRig.create();
    const body = `this.made += 'try' + current.attempt; if (current.attempt < 3) throw new Error('not yet')`;
    await rig.write('flow.ts', failing(`@retry({ times: 2, backoff: { initial: '10ms' } })`, body));
    const { code, events } = await rig.run(['flow.ts']);
    expect(code).toBe(0);
    expect((await rig.artifacts('latest/end'))['made']).toBe('try3');
    const kinds = events.flatMap((event) =>
      event.type === 'task.failed' ? [event.then.kind] : [],
    );
    expect(kinds).toEqual(['retry', 'retry']);
  });

  it('waits as long as its backoff says', async () => {
    await using rig = await FlowRig.create();
    const policy = `@retry({ times: 2, backoff: { initial: '100ms', factor: 3, jitter: false } })`;
    await rig.write(
      'flow.ts',
      failing(policy, `if (current.attempt < 3) throw new Error('not yet')`),
    );
    const { events } = await rig.run(['flow.ts']);
    const failed = events.flatMap((event) => (event.type === 'task.failed' ? [event] : []));
    const launched = events.flatMap((event) =>
      event.type === 'task.launched' && event.attempt > 1 ? [event] : [],
    );
    const waits = launched.map((event, n) => event.at - (failed[n]?.at ?? 0));
    expect(waits[0]).toBeGreaterThanOrEqual(99);
    expect(waits[1]).toBeGreaterThanOrEqual(299);
  });

  it('gives up after its last retry, and the run fails with the error of the user', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      failing(`@retry({ times: 1, backoff: { initial: '1ms' } })`, `throw new RangeError('never')`),
    );
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain('RangeError: never');
    expect(stderr).toMatch(/flow\.ts:7:/);
  });

  it('comes from --with for steps that have none of their own', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', failing('', `if (current.attempt < 2) throw new Error('once')`));
    expect((await rig.run(['flow.ts'])).code).toBe(1);
    expect((await rig.run(['flow.ts', '--with', 'retry:times=1'])).code).toBe(0);
    await rig.write(
      'flow.ts',
      failing('@retry({ times: 0 })', `if (current.attempt < 2) throw new Error('once')`),
    );
    expect((await rig.run(['flow.ts', '--with', 'retry:times=1'])).code).toBe(1);
  });
});

describe('@catchError', () => {
  it.each([
    { after: 'an exception', body: `this.made = 'lost'; throw new Error('x')`, kind: 'user-error' },
    { after: 'an exit', body: `process.exit(3)`, kind: 'exit' },
    {
      after: 'a signal',
      body: `process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})`,
      kind: 'signal',
    },
    { after: 'a timeout', body: `for (;;) {}`, kind: 'timeout', more: `@timeout('300ms')` },
  ])(
    'goes on after $after, with the failure in its field and the inputs as they were',
    async (one) => {
      await using rig = await FlowRig.create();
      await rig.write('flow.ts', failing(`@catchError('problem') ${one.more ?? ''}`, one.body));
      const { code } = await rig.run(['flow.ts', '--grace', '200ms']);
      expect(code).toBe(0);
      expect((await rig.artifacts('latest/end'))['made']).toBe(one.kind);
    },
  );
});

describe('@timeout', () => {
  it('gives the step its abort signal and a grace to clean up in', async () => {
    await using rig = await FlowRig.create();
    const body = `await new Promise((done) => current.signal.addEventListener('abort', () => { console.log('cleaned up'); done(0); }))`;
    await rig.write('flow.ts', failing(`@timeout('300ms')`, body));
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain('cleaned up');
    expect(stderr).toMatch(/timed out|timeout/i);
  });
});

describe('a failure for good', () => {
  const branches = `import { FlowSpec, step, type Inputs } from 'millrace';
    import { existsSync, writeFileSync } from 'node:fs';
    const until = async (file: string) => { while (!existsSync(file)) await new Promise((go) => setTimeout(go, 10)); };
    export class Branches extends FlowSpec {
      @step start() { this.next(this.bad, this.good); }
      @step async bad() { await until('good-started'); throw new Error('bad'); this.next(this.join); }
      @step async good() { writeFileSync('good-started', ''); await new Promise((go) => setTimeout(go, 400)); this.next(this.after); }
      @step after() { this.next(this.join); }
      @step join(inputs: Inputs<Branches>) { this.next(this.end); }
      @step end() {}
    }`.replace(
    `throw new Error('bad'); this.next(this.join);`,
    `if (existsSync('good-started')) throw new Error('bad'); this.next(this.join);`,
  );

  it.each([
    ['finish', ['good'], []],
    ['continue', ['good', 'after'], []],
    ['kill', [], ['good']],
  ])('with --on-failure %s', async (policy, succeeded, cancelled) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', branches);
    const { code, events } = await rig.run([
      'flow.ts',
      '--on-failure',
      policy,
      '--max-workers',
      '2',
    ]);
    expect(code).toBe(1);
    const done = events.flatMap((event) => (event.type === 'task.succeeded' ? [event.step] : []));
    const ended = events.flatMap((event) =>
      event.type === 'task.failed' && event.failure.kind === 'cancelled' ? [event.step] : [],
    );
    expect(done).toEqual(['start', ...succeeded]);
    expect(ended).toEqual(cancelled);
  });
});
