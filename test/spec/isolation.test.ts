import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** A foreach whose tasks run one after the other, so that each may meet what the one before left. */
const each = (body: string, { items = 3, before = '', decorators = '' } = {}) => `
import { FlowSpec, isolate, retry, step, timeout, type Inputs } from 'millrace';
${before}
export class Each extends FlowSpec {
  found: unknown = null;
  all: unknown[] = [];
  @isolate('process') @step start() { this.next(this.work, { foreach: Array.from({ length: ${items} }, (_, n) => n) }); }
  ${decorators} @step async work(n: number) { ${body} this.next(this.join); }
  @isolate('process') @step join(inputs: Inputs<Each>) { this.all = inputs.map((input) => input.found); this.next(this.end); }
  @isolate('process') @step end() {}
}`;

const POOLED = ['run', 'flow.ts', '--isolation', 'pooled', '--max-workers', '1'];

async function all(rig: FlowRig, text: string, args: readonly string[] = POOLED) {
  await rig.write('flow.ts', text);
  await rig.ok(args);
  return (await rig.artifacts('latest/end'))['all'];
}

describe('pooled tasks', () => {
  it('share one process, one after the other, and also its modules', async () => {
    await using rig = await FlowRig.create();
    const text = each('this.found = [process.pid, count++];', { before: 'let count = 0;' });
    const found = (await all(rig, text)) as [number, number][];
    expect(new Set(found.map(([pid]) => pid)).size).toBe(1);
    expect(found.map(([, count]) => count)).toEqual([0, 1, 2]);
  });

  it('share it also when they print, write blobs and read files', async () => {
    await using rig = await FlowRig.create();
    const text = each(
      `this.found = process.pid; this.large = 'x'.repeat(20_000) + n;
       if (n === 1) console.log('printed'); if (n === 2) process.stderr.write('too'); await readFile('flow.ts');`,
      { items: 5, before: `import { readFile } from 'node:fs/promises';` },
    ).replace('found: unknown', `large = ''; found: unknown`);
    expect(new Set((await all(rig, text)) as number[]).size).toBe(1);
  });

  it('are asked for by the step, or by the run for steps that do not say it', async () => {
    await using rig = await FlowRig.create();
    const pids = async (decorators: string, args: readonly string[]) => {
      const text = each('this.found = process.pid;', { decorators });
      return new Set(
        (await all(rig, text, ['run', 'flow.ts', '--max-workers', '1', ...args])) as number[],
      ).size;
    };
    expect(await pids(`@isolate('pooled')`, [])).toBe(1);
    expect(await pids(`@isolate('process')`, ['--isolation', 'pooled'])).toBe(3);
    expect(await pids('', ['--isolation', 'process'])).toBe(3);
    expect(await pids('', ['--isolation', 'pooled', '--no-spares'])).toBe(1);
  });

  it('find environment, folder, listeners and exit code as the first one did', async () => {
    await using rig = await FlowRig.create();
    const text = each(
      `this.found = [process.env.LEFT ?? null, process.env.HOME === undefined, process.cwd(), process.listenerCount('SIGUSR2'), process.exitCode ?? null];
       process.env.LEFT = 'behind'; delete process.env.HOME; process.chdir('/'); process.on('SIGUSR2', () => {}); process.exitCode = 3;`,
    );
    const clean = [null, false, rig.dir, 0, null];
    expect(await all(rig, text)).toEqual([clean, clean, clean]);
  });

  it('meet no timer of another, and its exit handlers have run', async () => {
    await using rig = await FlowRig.create();
    const text = each(
      `this.found = [...seen];
       seen.length = 0;
       setInterval(() => seen.push('interval'), 1); setTimeout(() => seen.push('global'), 20); timers.setTimeout(() => seen.push('module'), 20);
       process.on('exit', () => seen.push('exit ' + n));
       if (n > 0) { const until = Date.now() + 60; while (Date.now() < until); }`,
      { before: `import * as timers from 'node:timers'; const seen: string[] = [];` },
    );
    expect(await all(rig, text)).toEqual([[], ['exit 0'], ['exit 1']]);
  });

  it('get another process after one that left something open', async () => {
    await using rig = await FlowRig.create();
    const text = each(
      `this.found = process.pid; if (n === 0) await new Promise((done) => createServer().listen(0, () => done(null)));`,
      { before: `import { createServer } from 'node:http';` },
    );
    const [first, second, third] = (await all(rig, text)) as number[];
    expect(second).not.toBe(first);
    expect(third).toBe(second);
  });

  it('get another process after a failure', async () => {
    await using rig = await FlowRig.create();
    const text = each(
      `if (n === 1 && !existsSync('failed')) { writeFileSync('failed', String(process.pid)); throw new Error('once'); }
       this.found = process.pid;`,
      {
        before: `import { existsSync, writeFileSync } from 'node:fs';`,
        decorators: `@retry({ times: 1, backoff: { initial: '1ms' } })`,
      },
    );
    const found = (await all(rig, text)) as number[];
    const failed = Number(readFileSync(join(rig.dir, 'failed'), 'utf8'));
    expect(found[0]).toBe(failed);
    expect(found[1]).not.toBe(failed);
  });

  it('get another process after one that was given secrets', async () => {
    await using rig = await FlowRig.create();
    await rig.write('token', 'not-to-be-seen');
    const text = each('this.found = process.pid;', {
      before: `import { secretFrom, secrets } from 'millrace';`,
      decorators: `@secrets({ TOKEN: secretFrom.file('token') })`,
    });
    expect(new Set((await all(rig, text)) as number[]).size).toBe(3);
  });

  it('get another process after one whose memory grew by hundreds of megabytes', async () => {
    await using rig = await FlowRig.create();
    const text = each(
      `this.found = process.pid; if (n === 0) kept.push(Buffer.alloc(300 * 2 ** 20, 1));`,
      { before: 'const kept: Buffer[] = [];', items: 20 },
    );
    expect(new Set((await all(rig, text)) as number[]).size).toBe(2);
  });

  it('get another process after 5,000 of them', async () => {
    await using rig = await FlowRig.create();
    const found = await all(rig, each('this.found = process.pid;', { items: 5_001 }));
    const [first, ...others] = (found as number[]).toReversed();
    expect(new Set(others).size).toBe(1);
    expect(others).not.toContain(first);
  });

  it('have each its own output, also of programs that they run', async () => {
    await using rig = await FlowRig.create();
    const text = each(
      `console.log('this is ' + n); spawnSync('sh', ['-c', 'echo from a program ' + n], { stdio: 'inherit' });
       process.stderr.write('x'.repeat(200_000) + n);`,
      { before: `import { spawnSync } from 'node:child_process';` },
    );
    await all(rig, text);
    for (const n of [0, 1, 2]) {
      const { stdout } = await rig.ok(['logs', `latest/work/${n}`, '--stdout']);
      expect(stdout).toBe(`this is ${n}\nfrom a program ${n}\n`);
      const { stdout: errors } = await rig.ok(['logs', `latest/work/${n}`, '--stderr']);
      expect(errors).toBe(`${'x'.repeat(200_000)}${n}`);
    }
  });

  it('are ended by their timeout, and the next has another process', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      each('if (n === 1) for (;;) { if (Date.now() < 0) break; } this.found = process.pid;', {
        decorators: `@timeout('4s')`,
      }),
    );
    const args = ['flow.ts', '--isolation', 'pooled', '--max-workers', '1', '--grace', '100ms'];
    const { events } = await rig.run([...args, '--on-failure', 'continue']);
    const ends = events.filter(
      (event) => 'step' in event && event.step === 'work' && event.type !== 'task.launched',
    );
    expect(ends).toMatchObject([
      { type: 'task.succeeded', position: '0' },
      { type: 'task.failed', position: '1', failure: { kind: 'timeout' } },
      { type: 'task.succeeded', position: '2' },
    ]);
    const launched = events.flatMap((event) =>
      event.type === 'task.launched' && event.step === 'work' ? [event.pid] : [],
    );
    expect(launched[0]).toBe(launched[1]);
    expect(launched[2]).not.toBe(launched[1]);
  });

  it('cost no attempt when what one left crashes the process before the next', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { setTimeout as pause } from 'node:timers/promises';
      import { FlowSpec, isolate, step } from 'millrace';
      const unseen = setTimeout;
      export class Late extends FlowSpec {
        @isolate('pooled') @step start() { unseen(() => { throw new Error('late'); }, 20).unref(); this.next(this.wait); }
        @isolate('process') @step async wait() { await pause(600); this.next(this.end); }
        @isolate('pooled') @step end() {}
      }`,
    );
    const { code, events } = await rig.run(['flow.ts', '--max-workers', '1']);
    expect(code).toBe(0);
    expect(events.filter((event) => 'step' in event && event.step === 'end')).toMatchObject([
      { type: 'task.launched', attempt: 1 },
      // oxlint-disable-next-line unicorn/no-thenable -- the event's own word
      { type: 'task.failed', failure: { kind: 'lost' }, then: { kind: 'replace' } },
      { type: 'task.launched', attempt: 1 },
      { type: 'task.succeeded', attempt: 1 },
    ]);
  });
});
