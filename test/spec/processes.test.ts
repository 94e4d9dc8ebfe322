import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const WAITING = `import { FlowSpec, current, step } from 'millrace';
export class Waiting extends FlowSpec {
  @step async start() {
    const told = new Promise<void>((done) => {
      current.signal.addEventListener('abort', () => { console.log('told to stop'); done(); });
    });
    console.log('waiting');
    await told;
    this.next(this.end);
  }
  @step end() {}
}`;

describe('an interrupted run', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'after %s tells its tasks, ends them, and exits with %d',
    async (signal, exitCode) => {
      await using rig = await FlowRig.create();
      await rig.write('flow.ts', WAITING);
      const run = rig.start(['run', 'flow.ts', '--json']);
      await run.waitForEvent('task.launched');
      await run.waitForOutput('waiting');
      run.kill(signal);
      const { code, stderr, stdout, events } = await run.finished;
      expect(code).toBe(exitCode);
      expect(stderr + stdout).toContain('told to stop');
      expect(events.at(-1)).toMatchObject({ type: 'run.cancelled', reason: signal });
      expect((await rig.ok(['runs', '--json'])).stdout).toContain('cancelled');
    },
  );

  it('is killed at once by a second signal, also when a task does not listen', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Deaf extends FlowSpec {
        @step start() { process.on('SIGTERM', () => {}); console.log('deaf'); for (;;) {} this.next(this.end); }
        @step end() {}
      }`.replace('for (;;) {} this', 'while (Date.now() > 0) {} this'),
    );
    const run = rig.start(['run', 'flow.ts', '--grace', '1m']);
    await run.waitForOutput('deaf');
    run.kill('SIGINT');
    await run.waitForOutput(/stopp|cancel|interrupt/i);
    run.kill('SIGINT');
    const { code } = await run.finished;
    expect(code).toBe(130);
  });
});

describe('output', () => {
  it('of 10 MB in one line, and of bytes that are no text, is kept as it was', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Loud extends FlowSpec {
        @step start() { process.stdout.write('x'.repeat(10_000_000) + '\\n'); process.stderr.write(Buffer.from([0xff, 0xfe, 0, 10])); this.next(this.end); }
        @step end() { console.log('done'); }
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    const { stdout } = await rig.ok(['logs', 'latest/start', '--stdout']);
    expect(stdout.length).toBe(10_000_001);
  });

  it('right before a crash is not lost', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Crash extends FlowSpec {
        @step start() { for (let n = 0; n < 1000; n++) console.log('line ' + n); process.kill(process.pid, 'SIGKILL'); this.next(this.end); }
        @step end() {}
      }`,
    );
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain('SIGKILL');
    expect((await rig.ok(['logs', 'latest/start'])).stdout).toContain('line 999');
  });
});

describe('a step', () => {
  it('that leaves timers and servers open ends all the same', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      import { createServer } from 'node:http';
      export class Open extends FlowSpec {
        @step start() { setInterval(() => {}, 1000); createServer().listen(0); this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
  });

  it.each([
    ['that exits', `process.exit(3)`, /exited with code 3/],
    [
      'that rejects in the background',
      `void Promise.reject(new Error('adrift')); await new Promise((go) => setTimeout(go, 50))`,
      /adrift/,
    ],
    ['without next on this path', `return`, /next/],
  ])('%s fails with a sentence', async (_, body, message) => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Odd extends FlowSpec {
        @step async start() { if (Date.now() > 0) { ${body}; } this.next(this.end); }
        @step end() {}
      }`,
    );
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
  });

  it('whose exit handler never ends has its result all the same', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Stuck extends FlowSpec {
        kept = 0;
        @step start() { this.kept = 7; process.on('exit', () => { while (Date.now() > 0) {} }); this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts', '--grace', '200ms']);
    expect((await rig.artifacts('latest/end'))['kept']).toBe(7);
  });

  it('finds no channel of ours to write to', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      export class Closed extends FlowSpec {
        found: string[] = [];
        @step start() {
          this.found = ['send', 'disconnect', 'channel'].filter((name) => (process as any)[name] !== undefined);
          this.found.push(...Object.keys(process.env).filter((name) => name.startsWith('NODE_CHANNEL')));
          this.next(this.end);
        }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['found']).toEqual([]);
  });
});

const native = (name: string): string => `NativeModule ${name}`;

describe('the process of a task', () => {
  it('has loaded nothing that its task does not need', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { appendFileSync } from 'node:fs';
      import { FlowSpec, type Inputs, step } from 'millrace';
      const note = () => {
        const loaded: string[] = Reflect.get(process, 'moduleLoadList');
        appendFileSync('loaded.txt', loaded.filter((one) => one.startsWith('NativeModule ')).join(',') + '\\n');
      };
      export class Bare extends FlowSpec {
        @step start() { note(); this.next(this.each, { foreach: [1, 'two', null, 0.5] }); }
        @step each() { note(); this.next(this.join); }
        @step join(_inputs: Inputs<Bare>) { note(); this.next(this.end); }
        @step end() { note(); }
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    const processes = readFileSync(join(rig.dir, 'loaded.txt'), 'utf8').trim().split('\n');
    expect(processes).toHaveLength(7);
    const costly = ['net', 'stream', 'crypto', 'fs/promises', 'inspector', 'os'].map(native);
    for (const loaded of processes) {
      const names = loaded.split(',');
      expect(names).toContain(native('fs'));
      expect(names.filter((name) => costly.includes(name))).toEqual([]);
    }
  });
});
