import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const flow = (body: string, end = ''): string => `
import { FlowSpec, current, step } from 'millrace';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
const until = async (file: string) => { while (!existsSync(file)) await pause(10); };
export class Loud extends FlowSpec {
  @step async start() { ${body}; this.next(this.end); }
  @step async end() { ${end} }
}`;

describe('what a task prints', () => {
  it('is kept byte by byte, both streams, partial lines and bytes that are no text', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      flow(`
        process.stdout.write('half a ');
        process.stderr.write(Buffer.from([0xff, 0xfe, 0, 10]));
        process.stdout.write('line\\nthen \\u00e9\\r\\n');
        process.stdout.write(Buffer.from([0xf0, 0x9f]));
        process.stderr.write('no newline at the end');`),
    );
    await rig.ok(['run', 'flow.ts']);
    const { run } = JSON.parse((await rig.ok(['runs', '--json'])).stdout)[0];
    const read = (suffix: string): Buffer =>
      readFileSync(join(rig.store, 'flows/Loud', run, 'logs/start', `0.1.${suffix}`));
    const out = Buffer.from('half a line\nthen é\r\n');
    expect(read('out')).toEqual(Buffer.concat([out, Buffer.from([0xf0, 0x9f])]));
    expect(read('err').subarray(0, 4)).toEqual(Buffer.from([0xff, 0xfe, 0, 10]));
    expect(read('err').subarray(4).toString()).toBe('no newline at the end');
    const { stdout } = await rig.ok(['logs', 'latest/start', '--stderr', '--timestamps']);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z .*\n\d{4}-.*Z no newline at the end\n$/);
  });

  it('keeps its order, line by line, through 100 MB', async () => {
    await using rig = await FlowRig.create();
    const line = '`${String(n).padStart(9, "0")} ${"x".repeat(89)}\\n`';
    await rig.write(
      'flow.ts',
      flow(`
        for (let n = 0; n < 1_000_000; ) {
          let block = '';
          for (const stop = n + 1000; n < stop; n++) block += ${line};
          process.stdout.write(block);
        }`),
    );
    await rig.ok(['run', 'flow.ts', '--json']);
    const { run } = JSON.parse((await rig.ok(['runs', '--json'])).stdout)[0];
    const file = join(rig.store, 'flows/Loud', run, 'logs/start/0.1.out');
    const expected = createHash('sha256');
    for (let n = 0; n < 1_000_000; n += 1) {
      expected.update(`${String(n).padStart(9, '0')} ${'x'.repeat(89)}\n`);
    }
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(
      expected.digest('hex'),
    );
  });

  it('is shown line by line with the task that it came from, without its control sequences', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(`process.stdout.write('one\\ntwo\\u001b[2J\\nthree')`));
    const { stderr } = await rig.ok(['run', 'flow.ts']);
    expect(stderr).toMatch(/\/start\/0\] one\n\[.*\/start\/0\] two\n\[.*\/start\/0\] three\n/);
  });

  it('is cut at --max-log-size with one line that says so', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      flow(`for (let n = 0; n < 50_000; n++) { console.log('line ' + n); console.error('oh'); }`),
    );
    await rig.ok(['run', 'flow.ts', '--max-log-size', '20kB']);
    const { stdout } = await rig.ok(['logs', 'latest/start']);
    expect(stdout.startsWith('line 0\n')).toBe(true);
    expect(stdout.match(/--max-log-size/g)).toHaveLength(1);
    expect(stdout).toContain('dropped: the log has reached its 20 kB (--max-log-size)');
    expect(stdout.length).toBeGreaterThan(20_000);
    expect(stdout.length).toBeLessThan(20_200);
  });
});

describe('flow logs -f', () => {
  it('goes on with a task that prints, and ends with it', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      flow(
        `console.log('first'); await until('go'); console.error('second'); await until('on')`,
        `await until('out'); console.log('third')`,
      ),
    );
    const run = rig.start(['run', 'flow.ts', '--json']);
    await run.waitForEvent('task.launched');
    const ofTask = rig.start(['logs', '-f', 'latest/start/0']);
    const ofRun = rig.start(['logs', '--follow', 'latest', '--json']);
    await ofTask.waitForOutput('first');
    await rig.write('go', '');
    await ofTask.waitForOutput('second');
    await rig.write('on', '');
    const task = await ofTask.finished;
    expect(task.stdout).toBe('first\nsecond\n');
    expect(run.ended).toBe(false);
    await ofRun.waitForOutput('second');
    await rig.write('out', '');
    await run.finished;
    const whole = (await ofRun.finished).stdout.trim().split('\n');
    expect(whole.map((line) => JSON.parse(line).text)).toEqual(['first', 'second', 'third']);
  });

  it('of a resume shows also what it has taken over', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(`console.log('taken over')`, `throw new Error('not yet')`));
    await rig.run(['flow.ts']);
    const mended = `console.log('before'); await until('go'); console.log('after')`;
    await rig.write('flow.ts', flow(`console.log('taken over')`, mended));
    const resume = rig.start(['resume', 'flow.ts', '--json']);
    await resume.waitForEvent('task.launched');
    const ofTask = rig.start(['logs', '-f', 'latest/start/0']);
    const ofRun = rig.start(['logs', '-f', 'latest']);
    expect((await ofTask.finished).stdout).toBe('taken over\n');
    await ofRun.waitForOutput('before');
    await rig.write('go', '');
    await resume.finished;
    expect((await ofRun.finished).stdout).toBe(
      '[start/0] taken over\n[end/0] before\n[end/0] after\n',
    );
  });

  it('ends when the run is killed, with all that was printed', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(`console.log('last words'); await until('never')`));
    const run = rig.start(['run', 'flow.ts', '--json']);
    await run.waitForOutput('last words');
    const follow = rig.start(['logs', '-f', 'latest']);
    await follow.waitForOutput('last words');
    run.kill('SIGKILL');
    expect((await follow.finished).stdout).toBe('[start/0] last words\n');
    await rig.emptied();
  });

  it('of a run that is over is what it printed', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(`console.log('one')`, `console.log('two')`));
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.ok(['logs', '-f', 'latest'])).stdout).toBe('[start/0] one\n[end/0] two\n');
  });
});
