import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkStore } from '../../src/client/fsck/check-store.ts';
import { FlowRig } from '../rig/flow-rig.ts';

const oneStep = (body: string, decorators = '') => `
  import { FlowSpec, step, retry, timeout, current } from 'millrace';
  import { spawn } from 'node:child_process';
  export class Hostile extends FlowSpec {
    made = 0;
    @step start() { this.next(this.work); }
    ${decorators} @step async work() { ${body}; this.made = current.attempt; this.next(this.end); }
    @step end() {}
  }`;

/** Loaded before the scheduler, and before nothing else. */
async function hook(rig: FlowRig, code: string): Promise<NodeJS.ProcessEnv> {
  const file = await rig.write(
    'hook.mjs',
    `import childProcess from 'node:child_process';
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    if (process.argv[1].endsWith('main.cjs')) { ${code} }`,
  );
  return { NODE_OPTIONS: `--import ${file}` };
}

describe('a run', () => {
  it('goes on when the reader of its output leaves', async () => {
    await using rig = await FlowRig.create();
    const loud = `for (let n = 0; n < 500; n++) { console.log('x'.repeat(200)); await new Promise(setImmediate); }`;
    await rig.write('flow.ts', oneStep(loud));
    const run = rig.start(['run', 'flow.ts', '--json']);
    await run.waitForEvent('run.started');
    run.hangUp();
    expect((await run.finished).code).toBe(0);
    expect((await rig.artifacts('latest/end'))['made']).toBe(1);
  });

  it('places a task again that the system could not start, and does not count it', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', oneStep(''));
    const env = await hook(rig, failSpawns(2, 2));
    const { code, events } = await rig.run(['flow.ts', '--no-spares'], { env });
    expect(code).toBe(0);
    expect(events.filter((event) => event.type === 'task.failed')).toMatchObject([
      { failure: { kind: 'spawn' }, then: { kind: 'replace' } },
      { failure: { kind: 'spawn' }, then: { kind: 'replace' } },
    ]);
    expect((await rig.artifacts('latest/end'))['made']).toBe(1);
  });

  it('says why when the system starts no process at all', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', oneStep(''));
    const env = await hook(rig, failSpawns(2, 1_000));
    const { code, stderr } = await rig.flow(['run', 'flow.ts'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/work\/0 failed: .*EAGAIN/);
    expect(stderr).not.toContain('bug');
  });

  it('says that its bundler was killed', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', oneStep(''));
    const killing = `const { spawn } = childProcess;
      childProcess.spawn = (file, ...rest) => {
        const child = spawn(file, ...rest);
        if (String(file).includes('esbuild')) child.kill('SIGKILL');
        return child;
      };
      syncBuiltinESMExports();`;
    const env = await hook(rig, killing);
    const { code, stderr } = await rig.flow(['run', 'flow.ts'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: flow\.ts cannot be bundled: the bundler's process ended/m);
    expect(stderr).toMatch(/^hint: .*ulimit -u/m);
  });

  it('says that the folder it was started in is gone', async () => {
    await using rig = await FlowRig.create();
    const under = ['sh', '-c', 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', 'sh'];
    const { code, stderr } = await rig.flow(['runs'], { under });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: The folder that this was started in is gone/);
  });

  it('times out although its task was stopped from outside', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      oneStep(`process.kill(process.pid, 'SIGSTOP')`, `@timeout('300ms')`),
    );
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--grace', '200ms']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/timed out|timeout/);
  });

  it('keeps its delays and its order when the clock jumps', async () => {
    await using rig = await FlowRig.create();
    const policy = `@timeout('20s') @retry({ times: 1, backoff: { initial: '50ms', jitter: false } })`;
    await rig.write('flow.ts', oneStep(`if (current.attempt < 2) throw new Error('once')`, policy));
    const jump = `let calls = 0; const now = Date.now; Date.now = () => now() + (calls++ % 2 ? -86_400_000 : 86_400_000);`;
    const { code, events } = await rig.run(['flow.ts'], { env: await hook(rig, jump) });
    expect(code).toBe(0);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect((await rig.artifacts('latest/end'))['made']).toBe(2);
  });

  it('ends 500 processes that its task started, and those that fork as they die', async () => {
    await using rig = await FlowRig.create();
    const script = `trap "" TERM; for n in $(seq 250); do (sh -c "sleep 1000 & sleep 1000" &) ; done; while :; do sleep 0.01 & done`;
    const body = `spawn('sh', ['-c', ${JSON.stringify(script)}], { detached: true, stdio: 'ignore' }); await new Promise(() => setInterval(() => {}, 1_000))`;
    await rig.write('flow.ts', oneStep(body));
    const run = rig.start(['run', 'flow.ts']);
    await rig.until(() => rig.survivors().length > 500);
    run.kill('SIGKILL');
    await rig.emptied();
  });

  it('prints a line of 200 MB, which nobody holds in memory', async () => {
    await using rig = await FlowRig.create();
    const body = `for (let n = 0; n < 200; n++) process.stdout.write('x'.repeat(1_000_000)); process.stdout.write('\\n')`;
    await rig.write('flow.ts', oneStep(body));
    const watch = `process.on('exit', () => fs.writeFileSync('peak', String(process.resourceUsage().maxRSS / 1024)));`;
    const env = await hook(rig, watch);
    const { code, events } = await rig.run(['flow.ts'], { env });
    expect(code).toBe(0);
    expect(Number(readFileSync(join(rig.dir, 'peak'), 'utf8'))).toBeLessThan(200);
    const log = join(rig.store, 'flows/Hostile', String(events[0]?.run), 'logs/work/0.1.out');
    expect(statSync(log).size).toBe(200_000_001);
  });

  it.skipIf(!canMountReadOnly())(
    'says that its store is read-only, and so does whoever resumes there',
    async () => {
      await using rig = await FlowRig.create();
      await rig.write('flow.ts', oneStep(`if (current.attempt < 2) throw new Error('once')`));
      expect((await rig.flow(['run', 'flow.ts'])).code).toBe(1);
      const under = [...READ_ONLY, rig.store];
      for (const command of ['run', 'resume']) {
        const { code, stderr } = await rig.flow([command, 'flow.ts'], { under });
        expect(code).toBe(2);
        expect(stderr).toMatch(/^error: .*cannot be written at .*: the file system is read-only/m);
        expect(stderr).toMatch(/^hint: .*--store/m);
      }
      for (const command of [
        'runs',
        'logs latest',
        'dump latest/start',
        'fsck',
        'inspect latest',
      ]) {
        expect((await rig.flow(command.split(' '), { under })).code, command).toBe(0);
      }
    },
  );

  it('says that its store cannot be made', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', oneStep(''));
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--store', 'flow.ts/store']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /store cannot be written at .*flow\.ts\/store: a part of the path is a file/,
    );
  });

  it.skipIf(!existsSync('/proc/self'))(
    'says so where the system makes no folders, and knows no reason',
    async () => {
      await using rig = await FlowRig.create();
      await rig.write('flow.ts', oneStep(''));
      const { code, stderr } = await rig.flow(['run', 'flow.ts', '--store', '/proc/none/store']);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /store cannot be written at \/proc\/none\/store: a folder of its path/,
      );
    },
  );
});

describe('many runs', () => {
  it('resumed twice at once from one that was killed, both end well', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', oneStep(`if (current.attempt < 2) throw new Error('not yet')`));
    const { code, events } = await rig.run(['flow.ts']);
    expect(code).toBe(1);
    await rig.write('flow.ts', oneStep(''));
    const args = ['resume', 'flow.ts', '--origin-run-id', String(events[0]?.run), '--json'];
    const both = await Promise.all([rig.flow(args), rig.flow(args)]);
    expect(both.map((resumed) => resumed.code)).toEqual([0, 0]);
    expect(new Set(both.map((resumed) => resumed.events[0]?.run)).size).toBe(2);
    expect((await checkStore(rig.store)).findings).toEqual([]);
  });

  it('50 at once in one store: nothing is lost, nothing is mixed', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, param, step } from 'millrace';
      export class Many extends FlowSpec {
        readonly number = param.int({ default: 0 });
        mine = '';
        @step start() { this.mine = String(this.number).repeat(2_000); this.next(this.end); }
        @step end() { this.mine = this.mine + '.'; }
      }`,
    );
    const numbers = Array.from({ length: 50 }, (_, n) => n + 100);
    const runs = await Promise.all(
      numbers.map((number) =>
        rig.run(['flow.ts', '--number', String(number), '--max-workers', '1']),
      ),
    );
    expect(runs.filter(({ code }) => code !== 0)).toEqual([]);
    const ids = runs.map(({ events }) => events[0]?.run);
    expect(new Set(ids).size).toBe(50);
    const { findings, runs: count } = await checkStore(rig.store);
    expect(findings).toEqual([]);
    expect(count).toBe(50);
    for (const index of [0, 17, 49]) {
      const { mine } = await rig.artifacts(`${ids[index]}/end`);
      expect(mine).toBe(`${String(numbers[index]).repeat(2_000)}.`);
    }
  });
});

/** A program whose first argument is a folder that is read-only for the rest, which it becomes. */
const READ_ONLY = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"',
];

/** Root and Linux only. */
function canMountReadOnly(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-read-only-'));
  const [program = '', ...before] = READ_ONLY;
  const { status } = spawnSync(program, [...before, folder, 'true'], { stdio: 'ignore' });
  rmSync(folder, { recursive: true });
  return status === 0;
}

/** Of the children of the scheduler that are tasks, some cannot be started. */
function failSpawns(after: number, count: number): string {
  return `let tasks = 0; const { spawn } = childProcess;
    childProcess.spawn = (file, args, options) => {
      if (String(args?.[0]).includes('worker.cjs') && ++tasks >= ${after} && tasks < ${after + count}) {
        throw Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' });
      }
      return spawn(file, args, options);
    };
    syncBuiltinESMExports();`;
}
