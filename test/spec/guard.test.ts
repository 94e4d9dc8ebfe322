import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { groupAlive } from '../../src/process/group.ts';
import { FlowRig, type RunningCommand } from '../rig/flow-rig.ts';

/** A busy task that ignores TERM, with descendants of every kind; their groups are in `groups`. */
const BUSY = `import { FlowSpec, current, step } from 'millrace';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
export class Busy extends FlowSpec {
  @step async start() {
    this.next(this.work);
  }
  @step work() {
    writeFileSync(current.tempDir + '/file', '');
    if (!existsSync('calm')) {
      process.on('SIGTERM', () => {});
      const deaf = ['-c', 'trap "" TERM HUP INT; while :; do sleep 100; done'];
      const leaver = { detached: true, stdio: 'ignore' } as const;
      const near = spawn('sh', deaf, { stdio: 'ignore' });
      const gone = spawn('sh', deaf, leaver);
      const orphan = spawn('sh', ['-c', 'sh -c \\'trap "" TERM; while :; do sleep 100; done\\' &'], leaver);
      const bare = spawn('sh', deaf, { ...leaver, env: { PATH: process.env.PATH } });
      writeFileSync('groups', JSON.stringify([process.pid, gone.pid, orphan.pid, bare.pid]));
      process.stdout.write('busy ' + near.pid + '\\n');
      while (Date.now() > 0) {}
    }
    this.next(this.end);
  }
  @step end() {}
}`;

async function startBusy(rig: FlowRig): Promise<RunningCommand> {
  await rig.write('flow.ts', BUSY);
  mkdirSync(temporaryOf(rig), { recursive: true });
  const run = rig.start(['run', 'flow.ts'], { env: { TMPDIR: temporaryOf(rig) } });
  await run.waitForOutput(/busy \d+/);
  return run;
}

const temporaryOf = (rig: FlowRig): string => join(rig.dir, 'tmp');

function foldersLeft(rig: FlowRig): string[] {
  return readdirSync(temporaryOf(rig)).filter((name) => !name.startsWith('millrace-compiled-'));
}

function groupsLeft(rig: FlowRig): number[] {
  const groups: number[] = JSON.parse(readFileSync(join(rig.dir, 'groups'), 'utf8'));
  return groups.filter((group) => groupAlive(group));
}

function guardsOf(rig: FlowRig): number[] {
  const guards = rig.survivors().filter((line) => line.includes('guard.sh'));
  return guards.map((line) => Number.parseInt(line, 10));
}

const NAMESPACE = ['unshare', ['--pid', '--fork', '--mount-proc', 'sh']] as const;

/** Root and Linux only. */
function canNumberProcesses(): boolean {
  const ask = 'test -w /proc/sys/kernel/ns_last_pid';
  return spawnSync(NAMESPACE[0], [...NAMESPACE[1], '-c', ask]).status === 0;
}

describe('after kill -9 of the scheduler', () => {
  it('every process of the run is gone within a second, and the run is lost at once', async () => {
    await using rig = await FlowRig.create();
    const run = await startBusy(rig);
    expect(guardsOf(rig)).toHaveLength(1);
    expect(foldersLeft(rig)).not.toEqual([]);
    run.kill('SIGKILL');
    expect(await rig.emptied()).toBeLessThan(1_000);
    expect(groupsLeft(rig)).toEqual([]);
    expect(foldersLeft(rig)).toEqual([]);
    expect((await rig.ok(['runs', '--status', 'lost'])).stdout).toContain('Busy');
  });

  it('they are gone too when an earlier guard had been killed, since it was replaced', async () => {
    await using rig = await FlowRig.create();
    const run = await startBusy(rig);
    const [first = 0] = guardsOf(rig);
    process.kill(first, 'SIGKILL');
    await rig.until(() => guardsOf(rig).some((guard) => guard !== first));
    run.kill('SIGKILL');
    expect(await rig.emptied()).toBeLessThan(1_000);
    expect(groupsLeft(rig)).toEqual([]);
  });

  it('and of the guard, a resume first ends what is still alive', async () => {
    await using rig = await FlowRig.create();
    const run = await startBusy(rig);
    const [guard = 0] = guardsOf(rig);
    // Stopped, neither can see the other die.
    run.kill('SIGSTOP');
    process.kill(guard, 'SIGKILL');
    run.kill('SIGKILL');
    await run.finished;
    expect(groupsLeft(rig)).not.toEqual([]);
    await rig.write('calm', '');
    await rig.ok(['resume', 'flow.ts']);
    // The one that hid its mark had parents until now; nobody can tell whose it is.
    const hidden = groupsLeft(rig);
    for (const group of hidden) process.kill(-group, 'SIGKILL');
    expect(hidden.length).toBeLessThanOrEqual(1);
  });
});

describe('the guard', () => {
  it.skipIf(!canNumberProcesses())(
    'leaves a process alone that merely got the pid of one that is gone',
    async () => {
      await using rig = await FlowRig.create();
      // In a namespace of pids, where the next one can be chosen. Each of them leads its group.
      const script = await rig.write(
        'reuse.sh',
        `mkfifo pipe; sh "$1" no-such-mark '' <pipe & guard=$!
        exec 3>pipe
        setsid sleep 1000 3>&- & first=$!
        setsid sleep 1000 3>&- & other=$!
        until [ "$(ps -o pgid= -p $other)" -eq $other ] && [ "$(ps -o pgid= -p $first)" -eq $first ]; do :; done
        printf '+%s\\n+%s\\n' $first $other >&3
        # It has read both when it has read what follows them.
        mkfifo seen; (printf '%0100000d\\n' 0 >&3; echo >seen) & read -r _ <seen
        kill -9 $first; wait $first
        echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
        setsid sleep 1000 3>&- & second=$!
        exec 3>&-
        wait $guard
        kill -0 $second && [ $first -eq $second ] && echo 'the stranger lives'
        # What was killed is only gone once its parent has taken note.
        wait $other; kill -0 $other || echo 'ours is gone'`,
      );
      const guard = fileURLToPath(new URL('../../src/process/guard.sh', import.meta.url));
      const { stdout, stderr } = spawnSync(NAMESPACE[0], [...NAMESPACE[1], script, guard], {
        cwd: rig.dir,
        encoding: 'utf8',
        timeout: 20_000,
        killSignal: 'SIGKILL',
      });
      expect(stdout, stderr).toBe('the stranger lives\nours is gone\n');
    },
  );
});

describe('a terminal that is closed', () => {
  it.skipIf(spawnSync('sh', ['-c', 'command -v script']).status !== 0)(
    'cancels its run, and nothing of it is left',
    async () => {
      await using rig = await FlowRig.create();
      await rig.write('flow.ts', BUSY);
      const under = ['sh', '-c', 'exec script -qec "$*" /dev/null', 'sh'];
      const terminal = rig.start(['run', 'flow.ts', '--grace', '100ms'], { under });
      await terminal.waitForOutput(/busy \d+/);
      terminal.kill('SIGKILL');
      await rig.emptied();
      expect(groupsLeft(rig)).toEqual([]);
      expect((await rig.ok(['runs', '--json'])).stdout).toContain('"cancelled"');
    },
  );
});

describe('a run', () => {
  it('leaves nothing behind that a task started, wherever it went', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      import { spawn } from 'node:child_process';
      export class Daemon extends FlowSpec {
        @step start() {
          spawn('sh', ['-c', 'sleep 1000 & sleep 1000'], { detached: true, stdio: 'ignore' }).unref();
          this.next(this.end);
        }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect(rig.survivors()).toEqual([]);
  });

  it('ends its tasks, reports the bug and can be resumed when Millrace itself breaks', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', BUSY);
    const hook = await rig.write(
      'break.mjs',
      `import { existsSync } from 'node:fs';
      if (process.argv[1].endsWith('main.cjs')) setInterval(() => {
        if (existsSync('break')) throw new TypeError('an accident');
      }, 5).unref();`,
    );
    const run = rig.start(['run', 'flow.ts'], { env: { NODE_OPTIONS: `--import ${hook}` } });
    await run.waitForOutput(/busy \d+/);
    await rig.write('break', '');
    const { code, stderr } = await run.finished;
    expect(code).toBe(70);
    expect(stderr).toMatch(/bug in Millrace[\s\S]*an accident[\s\S]*report/);
    await rig.emptied();
    expect(groupsLeft(rig)).toEqual([]);
    await rig.write('calm', '');
    await rig.ok(['resume', 'flow.ts']);
  });
});
