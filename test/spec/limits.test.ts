import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { FlowEvent } from '../../src/model/events.ts';
import { FlowRig } from '../rig/flow-rig.ts';

const oneStep = (body: string) => `
  import { FlowSpec, step } from 'millrace';
  import fs from 'node:fs';
  import { setTimeout as pause } from 'node:timers/promises';
  export class Limited extends FlowSpec {
    @step start() { this.next(this.work); }
    @step async work() { ${body}; this.next(this.end); }
    @step end() {}
  }`;

/** Until the test says so; the file is taken away, so that it can be said again. */
const AWAIT_GO = `fs.writeFileSync('waiting', ''); while (!fs.existsSync('go')) await pause(5); fs.rmSync('go')`;

/** Changes the limits of a process that runs (Linux). */
const PRLIMIT = 'prlimit';

function hasPrlimit(): boolean {
  return spawnSync(PRLIMIT, ['--version']).status === 0;
}

interface Limit {
  readonly what: 'nofile' | 'nproc';
  /** The soft limit; the hard one stays, so that it can be raised again. */
  readonly limit: number | 'hard';
  /** Who may change it. */
  readonly under?: readonly string[];
}

function setLimit(pid: number, { what, limit, under = [] }: Limit): void {
  const run = (...args: string[]): string => {
    const [program = '', ...rest] = [...under, PRLIMIT, '--pid', String(pid), ...args];
    const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const hard = (): string => run(`--${what}`, '--output=HARD', '--noheadings');
  run(`--${what}=${limit === 'hard' ? hard() : limit}:`);
}

/** The system limits no processes of root: there a run has to be somebody else's. */
const SOMEBODY = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'];
const asSomebody = process.getuid?.() === 0 ? SOMEBODY : [];

/** Needs prlimit, and, where we are root, that others may read this package. */
function canLimitProcesses(): boolean {
  const [program, ...rest] = [...asSomebody, process.execPath];
  const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));
  return hasPrlimit() && spawnSync(program, [...rest, main, 'help'], { cwd: '/' }).status === 0;
}

/** A run whose task `start` waits for a file `go`; how many processes its user may have can be changed. */
async function startAsSomebody(rig: FlowRig, args: readonly string[] = ['--json']) {
  await rig.write('flow.ts', oneStep('').replace('start() {', `async start() { ${AWAIT_GO};`));
  if (asSomebody.length > 0) chownSync(rig.dir, 54_321, 54_321);
  const env = { TMPDIR: rig.dir, HOME: rig.dir };
  const run = rig.start(['run', 'flow.ts', '--no-spares', ...args], { under: asSomebody, env });
  await rig.until(() => existsSync(join(rig.dir, 'waiting')));
  const limit = (soft: Limit['limit']) =>
    setLimit(run.pid, { what: 'nproc', limit: soft, under: asSomebody });
  return { run, limit };
}

/** 20 tasks that wait for each other's start in vain, each with output and a blob. */
const WIDE = `
  import { existsSync } from 'node:fs';
  import { setTimeout as pause } from 'node:timers/promises';
  import { FlowSpec, step, type Inputs } from 'millrace';
  export class Wide extends FlowSpec {
    made = 0; large = ''; all = 0;
    @step start() { this.next(this.work, { foreach: Array.from({ length: 20 }, (_, n) => n) }); }
    @step async work(n: number) {
      console.log(n);
      while (!existsSync('go')) await pause(5);
      this.made = n; this.large = String(n).repeat(9_000);
      this.next(this.join);
    }
    @step join(inputs: Inputs<Wide>) { this.all = inputs.reduce((sum, input) => sum + input.made, 0); this.next(this.end); }
    @step end() {}
  }`;

describe('a run that may start too few processes', () => {
  it.skipIf(!canLimitProcesses())(
    'waits a little where the system starts no process, and goes on when it does',
    async () => {
      await using rig = await FlowRig.create();
      const { run, limit } = await startAsSomebody(rig);
      limit(1);
      await rig.write('go', '');
      await run.waitForEvent('task.failed');
      limit('hard');
      const { code, events } = await run.finished;
      expect(code).toBe(0);
      expect(events.find((event) => event.type === 'task.failed')).toMatchObject({
        failure: { kind: 'spawn', errno: 'EAGAIN' },
        then: { kind: 'replace' },
      });
    },
  );

  it.skipIf(!canLimitProcesses())(
    'fails where the system starts no process, and says which limit to raise',
    async () => {
      await using rig = await FlowRig.create();
      const { run, limit } = await startAsSomebody(rig, []);
      limit(1);
      await rig.write('go', '');
      const { code, stderr } = await run.finished;
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /work\/0 failed: .*EAGAIN; raise the limit \(ulimit -u.*--max-workers/,
      );
      expect(stderr).not.toMatch(/bug|^ +at /m);
    },
  );

  it('tells a process that got no threads from one that crashed', async () => {
    await using rig = await FlowRig.create();
    // As Node does at its start, before any code of ours.
    const start = `if (process.argv[1].endsWith('worker.cjs')) {
      fs.writeSync(2, 'Assertion failed: (0) == (uv_thread_create(t.get(), start_thread, this))');
      process.abort();
    }`;
    const file = await rig.write('abort.mjs', `import fs from 'node:fs'; ${start}`);
    await rig.write('flow.ts', oneStep(''));
    const env = { NODE_OPTIONS: `--import ${file}` };
    const { code, stderr } = await rig.flow(['run', 'flow.ts'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: No process could be started for .*flow\.ts: .*no threads/m);
    expect(stderr).toMatch(/^hint: raise the limit \(ulimit -u/m);
  });
});

describe('a run that may open too few files', () => {
  it('fails where too few files may be open, keeps what could run, and goes on with fewer workers', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', WIDE);
    const under = ['sh', '-c', 'ulimit -n 50; exec "$@"', 'sh'];
    const run = rig.start(['run', 'flow.ts', '--max-workers', '20', '--json'], { under });
    const failed = await run.waitForEvent('task.failed', ({ then }) => then.kind === 'give-up');
    await rig.write('go', '');
    const { code, stderr, events } = await run.finished;
    expect(code).toBe(1);
    expect(failed.failure).toMatchObject({ kind: 'spawn', errno: 'EMFILE' });
    expect(events.at(-1)?.type).toBe('run.failed');
    expect(stderr).not.toMatch(/bug|^ +at /m);
    const resumed = await rig.flow(['resume', 'flow.ts', '--max-workers', '2', '--json'], {
      under,
    });
    expect(resumed.code).toBe(0);
    const kept = (all: readonly FlowEvent[], type: string) =>
      all.filter((event) => event.type === type && 'step' in event && event.step === 'work').length;
    expect(kept(resumed.events, 'task.cloned')).toBe(kept(events, 'task.succeeded'));
    expect((await rig.artifacts('latest/end'))['all']).toBe(190);
  });

  it.skipIf(!hasPrlimit())('keeps what it prints until a file may be opened for it', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', oneStep(`${AWAIT_GO}; console.log('printed'); ${AWAIT_GO}`));
    const run = rig.start(['run', 'flow.ts', '--json', '--no-spares']);
    await run.waitForEvent('task.launched', ({ step }) => step === 'work');
    await rig.until(() => existsSync(join(rig.dir, 'waiting')));
    const taken = new Set(readdirSync(`/proc/${run.pid}/fd`).map(Number));
    let free = 0;
    while (taken.has(free)) free += 1;
    setLimit(run.pid, { what: 'nofile', limit: free });
    const held = await rig.write('go', '');
    await rig.until(() => !existsSync(held));
    await run.waitForOutput('printed');
    setLimit(run.pid, { what: 'nofile', limit: 'hard' });
    await rig.write('go', '');
    expect((await run.finished).code).toBe(0);
    expect((await rig.ok(['logs', 'latest/work'])).stdout).toBe('printed\n');
  });
});

describe('a run without room', () => {
  it.skipIf(!existsSync('/dev/full'))(
    'ends a task whose log has no room on the disk, keeps the others, and can be resumed',
    async () => {
      await using rig = await FlowRig.create();
      await rig.write(
        'flow.ts',
        `import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
        import { current, FlowSpec, step, type Inputs } from 'millrace';
        export class Full extends FlowSpec {
          all = 0; made = 0;
          @step start() { this.next(this.work, { foreach: [0, 1] }); }
          @step async work(n: number) {
            const logs = '.millrace/flows/Full/' + current.runId + '/logs/work';
            if (n === 0 && !existsSync('room')) {
              mkdirSync(logs, { recursive: true });
              symlinkSync('/dev/full', logs + '/0.1.out');
              console.log('no room for this');
              await new Promise((done) => current.signal.addEventListener('abort', done));
            }
            this.made = 1;
            this.next(this.join);
          }
          @step join(inputs: Inputs<Full>) { this.all = inputs.reduce((sum, input) => sum + input.made, 0); this.next(this.end); }
          @step end() {}
        }`,
      );
      const { code, stderr, events } = await rig.run(['flow.ts', '--max-workers', '1']);
      expect(code).toBe(1);
      expect(events.find((event) => event.type === 'task.failed')).toMatchObject({
        position: '0',
        failure: { code: 'LOG_NOT_WRITABLE', message: expect.stringContaining('ENOSPC') },
      });
      expect(events.at(-1)?.type).toBe('run.failed');
      expect(stderr).not.toMatch(/bug|^ +at /m);
      await rig.write('room', '');
      await rig.ok(['resume', 'flow.ts']);
      expect((await rig.artifacts('latest/end'))['all']).toBe(2);
    },
  );

  it.each([
    ['is missing', 'nowhere', 'there is no such folder'],
    ['is a file', 'flow.ts', 'it is no folder'],
  ])('says that its temporary folder %s', async (_, folder, reason) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', oneStep(''));
    const env = { TMPDIR: join(rig.dir, folder) };
    const { code, stderr } = await rig.flow(['run', 'flow.ts'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain(`The temporary folder ${env.TMPDIR} cannot be used: ${reason}`);
    expect(stderr).toMatch(/^hint: .*TMPDIR/m);
    expect(await rig.exists('.millrace')).toBe(false);
  });
});
