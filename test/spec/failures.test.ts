import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const flow = (body: string, top = ''): string => `
import { FlowSpec, step, timeout } from 'millrace';
import { spawn } from 'node:child_process';
${top}
export class Odd extends FlowSpec {
  kept = 1;
  @timeout('20s') @step async start() { this.kept = 2; ${body} this.next(this.end); }
  @step end() {}
}`;

describe('a task', () => {
  it.each([
    ['dies of a fault', `process.kill(process.pid, 'SIGSEGV');`, 'ended by SIGSEGV'],
    ['calls process.exit(3)', `process.exit(3);`, 'exited with code 3'],
    ['exits 0 without next', `process.exit(0);`, 'exited before the step had ended'],
    [
      'closes its own streams and goes on',
      `process.stdout.destroy(); process.stderr.destroy(); process.exit(4);`,
      'exited with code 4',
    ],
    [
      'waits for what cannot come',
      `await new Promise(() => {});`,
      'awaits a promise that nothing can settle',
    ],
  ])('that %s fails with its own sentence', async (_, body, sentence) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(body));
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
  });

  it('in an endless loop is ended by its timeout', async () => {
    await using rig = await FlowRig.create();
    const source = flow('while (this.kept > 0);').replace(`'20s'`, `'300ms'`);
    await rig.write('flow.ts', source);
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--grace', '100ms']);
    expect(code).toBe(1);
    expect(stderr).toContain('ran longer than its timeout of 300 ms');
  });

  it('that leaves a child holding its pipes ends when its result is told', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      flow(`spawn('sleep', ['600'], { stdio: 'inherit' }); console.log('left it');`),
    );
    const { stderr } = await rig.ok(['run', 'flow.ts']);
    expect(stderr).toContain('left it');
  });

  it('whose run is read by nobody any more goes on to its end', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(`for (let n = 0; n < 2_000; n++) console.log('line ' + n);`));
    const run = rig.start(['run', 'flow.ts']);
    await run.waitForOutput('launched');
    run.hangUp();
    expect((await run.finished).code).toBe(0);
    expect((await rig.ok(['logs', 'latest/start'])).stdout).toContain('line 1999');
  });
});

describe('an import that never ends', () => {
  const FOREVER = 'if (globalThis.process.env["STUCK"] !== undefined) for (;;) await 0;';

  it('is refused before the run, with what it may be', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow('', FOREVER));
    const args = ['run', 'flow.ts', '--load-timeout', '400ms'];
    const { code, stderr } = await rig.flow(args, { env: { STUCK: '1' } });
    expect(code).toBe(2);
    expect(stderr).toContain('flow.ts was still being imported after 400 ms');
    expect(stderr).toContain('--load-timeout allows more time');
    expect((await rig.ok(['runs', '--json'])).stdout.trim()).toBe('[]');
  });

  it('fails the task that meets it', async () => {
    await using rig = await FlowRig.create();
    const later = `import { existsSync } from 'node:fs'; if (existsSync('stuck')) for (;;) await 0;`;
    const source = flow(`(await import('node:fs')).writeFileSync('stuck', '');`, later);
    await rig.write('flow.ts', source);
    // A spare would have imported the flow before.
    const args = ['run', 'flow.ts', '--load-timeout', '2s', '--no-spares'];
    const { code, stderr } = await rig.flow(args);
    expect(code).toBe(1);
    expect(stderr).toContain('end/0 failed: its flow file was still being imported after 2.0 s');
  });
});
