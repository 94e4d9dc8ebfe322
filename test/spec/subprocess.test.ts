import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { SubprocessManager } from 'millrace/process';
import { describe, expect, it } from 'vitest';
import { FlowRig, transcript } from '../rig/flow-rig.ts';

const node = (script: string): string[] => [process.execPath, '-e', script];

/** Says "ready", then lives until it is killed, whatever one tells it. */
const DEAF = `process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000);`;

/** Starts two deaf processes, one of them in a session of its own, and is deaf itself. */
const DEAF_TREE = `
  const { spawn } = require('node:child_process');
  const deaf = ${JSON.stringify(DEAF)};
  let ready = 0;
  for (const detached of [false, true]) {
    const child = spawn(process.execPath, ['-e', deaf], { detached, stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.on('data', () => { if (++ready === 2) console.log('ready'); });
  }
  process.on('SIGTERM', () => {});`;

async function textsOf(lines: AsyncIterable<{ readonly text: string }>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of lines) texts.push(text);
  return texts;
}

describe('a command', () => {
  it('runs to its end, with its exit code and all that it printed', async () => {
    await using manager = new SubprocessManager();
    const done = await manager.run(node(`console.log('out'); console.error('err'); `));
    expect(done).toMatchObject({ id: 1, status: 'succeeded', exitCode: 0, exitSignal: undefined });
    expect([await done.stdout, await done.stderr]).toEqual(['out\n', 'err\n']);
  });

  it('gets its arguments as they are, an environment, a folder, and no input', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    process.env['TAKEN_AWAY'] = 'x';
    const print = `console.log(JSON.stringify([process.argv.slice(1), process.env.GIVEN,
      'TAKEN_AWAY' in process.env, 'PATH' in process.env, process.cwd() === ${JSON.stringify(rig.dir)},
      require('node:fs').readFileSync(0, 'utf8')]))`;
    const done = await manager.run([...node(print), 'a b', '$HOME', "'"], {
      cwd: rig.dir,
      env: { GIVEN: 'yes', TAKEN_AWAY: undefined },
    });
    expect(JSON.parse(await done.stdout)).toEqual([
      ['a b', '$HOME', "'"],
      'yes',
      false,
      true,
      true,
      '',
    ]);
  });

  it('that fails is a status, not an exception', async () => {
    await using manager = new SubprocessManager();
    expect(await manager.run(node('process.exit(3)'))).toMatchObject({
      status: 'failed',
      exitCode: 3,
    });
    expect(await manager.run(node('process.kill(process.pid, "SIGUSR2")'))).toMatchObject({
      status: 'failed',
      exitCode: undefined,
      exitSignal: 'SIGUSR2',
    });
  });

  it('is handed over at once, and found again by its number', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    const first = manager.start(node(DEAF), { env: rig.mark });
    const second = manager.start(['true']);
    expect(first.status).toBe('running');
    expect(first.pid).toBeGreaterThan(0);
    expect(manager.get(first.id)).toBe(first);
    expect(manager.subprocesses).toEqual([first, second]);
    await first.cleanup({ grace: 0 });
    expect(manager.subprocesses).toEqual([second]);
    expect(() => manager.get(first.id)).toThrow(
      expect.objectContaining({ code: 'SUBPROCESS_UNKNOWN', hint: 'it was cleaned up' }),
    );
    expect(() => manager.get(7)).toThrow(/number 7/);
  });

  it('that cannot be started says why', async () => {
    await using rig = await FlowRig.create();
    await rig.write('data.txt', '');
    await using manager = new SubprocessManager();
    const missing = manager.start(['no-such-program']);
    await expect(missing.wait()).rejects.toMatchObject({
      code: 'COMMAND_NOT_FOUND',
      message: 'there is no program no-such-program',
    });
    expect(missing).toMatchObject({ status: 'not-started', pid: undefined, exitCode: undefined });
    expect(await textsOf(missing.streamLog('stdout'))).toEqual([]);
    await symlink('loop', `${rig.dir}/loop`);
    for (const [cwd, problem] of [
      ['/no/such', 'there is no such folder'],
      [`${rig.dir}/data.txt`, 'that is no folder'],
      [`${rig.dir}/loop`, 'that folder cannot be entered (ELOOP)'],
    ] as const) {
      await expect(manager.run(['true'], { cwd })).rejects.toMatchObject({
        code: 'FOLDER_MISSING',
        message: `true cannot be started in ${cwd}: ${problem}`,
      });
    }
    await expect(manager.run([`${rig.dir}/data.txt`])).rejects.toMatchObject({
      code: 'COMMAND_NOT_STARTED',
      details: { code: 'EACCES' },
    });
    await expect(manager.run(['true', 'a\0b'])).rejects.toMatchObject({
      code: 'COMMAND_NOT_STARTED',
    });
  });

  it('that is none is refused', () => {
    const manager = new SubprocessManager();
    for (const wrong of [[], [''], ['ls', 1], 'ls -l', undefined]) {
      expect(() => Reflect.apply(manager.start, manager, [wrong])).toThrow(
        expect.objectContaining({ code: 'COMMAND_INVALID' }),
      );
    }
    for (const options of [{ timeout: 'soon' }, { grace: -1 }]) {
      expect(() => manager.start(['true'], options)).toThrow(
        expect.objectContaining({ code: 'DURATION_INVALID' }),
      );
    }
    expect(manager.subprocesses).toEqual([]);
    return manager.cleanup();
  });
});

describe('the end of a command', () => {
  it('by kill comes to all that it started, even what ignores TERM or left its group', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    const tree = manager.start(node(DEAF_TREE), { env: rig.mark });
    for await (const { text } of tree.streamLog('stdout')) if (text === 'ready') break;
    expect(rig.survivors()).toHaveLength(3);
    await tree.kill({ grace: 50 });
    expect(tree).toMatchObject({ status: 'killed', exitSignal: 'SIGKILL' });
    expect(rig.survivors()).toEqual([]);
  });

  it('by kill lets it say goodbye first, unless its grace is 0', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    const polite = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
      console.log('ready'); setInterval(() => {}, 1000);`;
    const start = async () => {
      const command = manager.start(node(polite), { env: rig.mark });
      for await (const { text } of command.streamLog('stdout')) if (text === 'ready') break;
      return command;
    };
    const gentle = await (await start()).kill({ grace: '1m' });
    expect(gentle).toMatchObject({ status: 'killed', exitCode: 0 });
    expect(await gentle.stdout).toBe('ready\nbye\n');
    const abrupt = await (await start()).kill({ grace: 0 });
    expect(abrupt).toMatchObject({ status: 'killed', exitSignal: 'SIGKILL' });
    expect(await abrupt.stdout).toBe('ready\n');
  });

  it('by itself stands, whoever kills it later', async () => {
    await using manager = new SubprocessManager();
    const done = await manager.run(['true']);
    expect((await done.kill()).status).toBe('succeeded');
  });

  it('comes when its time is over: that of its start, or of a wait', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    const options = { env: rig.mark, grace: 0 };
    const timed = await manager.run(node(DEAF), { ...options, timeout: '200ms' });
    expect(timed.status).toBe('timeout');
    const waited = await manager.start(node(DEAF), options).wait({ timeout: 10 });
    expect(waited.status).toBe('timeout');
  });

  it('comes when a signal fires; the signal of a wait ends only that', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    const stop = new AbortController();
    const command = manager.start(node(DEAF), { env: rig.mark, grace: 10, signal: stop.signal });
    await expect(command.wait({ signal: AbortSignal.timeout(10) })).rejects.toThrow(/timeout/);
    expect(command.status).toBe('running');
    stop.abort();
    expect((await command.wait()).status).toBe('killed');
    expect(() => manager.start(['true'], { signal: stop.signal })).toThrow(/abort/);
  });

  it('takes along what it left running in its group', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    const done = await manager.run(['sh', '-c', 'sleep 100 & echo started'], { env: rig.mark });
    expect(await done.stdout).toBe('started\n');
    expect(rig.survivors()).toEqual([]);
  });
});

describe('output', () => {
  it('of 100,000 lines comes to every reader, live and in order', async () => {
    await using manager = new SubprocessManager();
    const command = manager.start(['seq', '100000']);
    const expected = Array.from({ length: 100_000 }, (_, index) => String(index + 1));
    const [one, two] = await Promise.all([
      textsOf(command.streamLog('stdout')),
      textsOf(command.streamLog('stdout')),
    ]);
    expect(one).toEqual(expected);
    expect(two).toEqual(expected);
  });

  it('is read on from where one stopped, also while it is still written', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    const script = `for n in 1 2 3; do echo "é $n"; while [ ! -e go$n ]; do sleep 0.01; done; done; printf end`;
    const command = manager.start(['sh', '-c', script], { cwd: rig.dir, env: rig.mark });
    const seen: unknown[] = [];
    let position = 0;
    for (const round of [1, 2, 3]) {
      for await (const line of command.streamLog('stdout', { position })) {
        seen.push([line.position, line.text]);
        position = line.nextPosition;
        break;
      }
      await rig.write(`go${round}`, '');
    }
    position = await command.emitLogs(
      'stdout',
      (text, line) => void seen.push([line.position, text]),
      {
        position,
      },
    );
    expect(seen).toEqual([
      [0, 'é 1'],
      [5, 'é 2'],
      [10, 'é 3'],
      [15, 'end'],
    ]);
    expect(position).toBe(18);
    expect(await textsOf(command.streamLog('stdout', { position: 6 }))).toHaveLength(3);
    expect(await textsOf(command.streamLog('stdout', { position: 1000 }))).toEqual([]);
    await expect(command.streamLog('stdout', { position: -1 }).next()).rejects.toMatchObject({
      code: 'POSITION_INVALID',
    });
  });

  it('has lines of any form: without an end, of Windows, and longer than memory should hold', async () => {
    await using manager = new SubprocessManager();
    const done = await manager.run(
      node(`process.stdout.write('one\\r\\n\\n' + 'ü'.repeat(1_500_000) + '\\nlast\\r')`),
    );
    const lines: { text: string; isCut: boolean; position: number; nextPosition: number }[] = [];
    for await (const line of done.streamLog('stdout')) lines.push(line);
    expect(lines.map(({ isCut }) => isCut)).toEqual([false, false, true, true, false, false]);
    expect(lines[0]?.text).toBe('one');
    expect(
      lines
        .slice(2, 5)
        .map(({ text }) => text)
        .join(''),
    ).toBe('ü'.repeat(1_500_000));
    expect(lines.at(-1)).toMatchObject({ text: 'last\r', nextPosition: 3_000_012 });
    for (const [index, line] of lines.entries()) {
      expect(line.position).toBe(lines[index - 1]?.nextPosition ?? 0);
    }
  });

  it('is waited for no longer when the signal of its reader fires', async () => {
    await using rig = await FlowRig.create();
    await using manager = new SubprocessManager();
    const command = manager.start(node(DEAF), { env: rig.mark, grace: 0 });
    const reading = textsOf(command.streamLog('stderr', { signal: AbortSignal.timeout(10) }));
    await expect(reading).rejects.toThrow(/timeout/);
    expect(command.status).toBe('running');
  });

  it('is copied to the program with showOutput, and takes no memory of it', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'show.ts',
      `import { SubprocessManager } from 'millrace/process';
      await using manager = new SubprocessManager();
      await manager.run(['sh', '-c', 'echo shown; echo told >&2'], { showOutput: true });
      await manager.run(['head', '-c', '200000000', '/dev/zero']);
      console.log(process.resourceUsage().maxRSS);`,
    );
    const { code, stdout, stderr } = await rig.script(['show.ts']);
    expect(code).toBe(0);
    expect(stderr).toBe('told\n');
    const [shown, maxRssKib] = stdout.split('\n');
    expect(shown).toBe('shown');
    expect(Number(maxRssKib)).toBeLessThan(150_000);
  });
});

describe('a manager', () => {
  it('cleaned up in the middle ends everything, removes the output, and starts nothing more', async () => {
    await using rig = await FlowRig.create();
    const manager = new SubprocessManager();
    const tmp = { env: rig.mark };
    const done = await manager.run(['echo', 'kept'], tmp);
    const trees = [manager.start(node(DEAF_TREE), tmp), manager.start(node(DEAF_TREE), tmp)];
    const reading = trees.map((tree) => textsOf(tree.streamLog('stdout')));
    for (const tree of trees) await tree.streamLog('stdout').next();
    const cleanups = [manager.cleanup({ grace: 20 }), manager.cleanup()];
    expect(() => manager.start(['true'])).toThrow(
      expect.objectContaining({ code: 'MANAGER_CLOSED' }),
    );
    await Promise.all(cleanups);
    expect(rig.survivors()).toEqual([]);
    expect(await Promise.all(reading)).toEqual([['ready'], ['ready']]);
    expect(trees.map(({ status }) => status)).toEqual(['killed', 'killed']);
    await expect(done.stdout).rejects.toMatchObject({ code: 'OUTPUT_REMOVED' });
    await expect(textsOf(done.streamLog('stdout'))).rejects.toMatchObject({
      code: 'OUTPUT_REMOVED',
    });
    expect(manager.subprocesses).toEqual([]);
  });

  it('holds 50 commands at once, and installs no signal handlers', async () => {
    const before = listeners();
    await using manager = new SubprocessManager();
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) => manager.run(['echo', String(index)])),
    );
    expect(listeners()).toEqual(before);
    expect(await Promise.all(all.map(({ stdout }) => stdout))).toEqual(
      Array.from({ length: 50 }, (_, index) => `${index}\n`),
    );
  });

  it.each([
    ['exits', 'process.exit(0)', 0],
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, null],
  ])('leaves nothing behind when its program %s', async (_, end, expected) => {
    await using rig = await FlowRig.create();
    await rig.write('tmp/keep', '');
    await rig.write(
      'program.ts',
      `import { readdirSync } from 'node:fs';
      import { SubprocessManager } from 'millrace/process';
      const manager = new SubprocessManager();
      const tree = manager.start([process.execPath, '-e', ${JSON.stringify(DEAF_TREE)}]);
      for await (const { text } of tree.streamLog('stdout')) if (text === 'ready') break;
      console.log(readdirSync(process.env.TMPDIR));
      ${end};`,
    );
    const finished = await rig.script(['program.ts'], { env: { TMPDIR: `${rig.dir}/tmp` } });
    expect(finished.code, transcript(finished)).toBe(expected);
    const [, folder = ''] = /(millrace-process-\w+)/.exec(finished.stdout) ?? [];
    expect(folder).not.toBe('');
    await rig.emptied();
    if (expected === 0) expect(existsSync(`${rig.dir}/tmp/${folder}`)).toBe(false);
  });
});

function listeners(): Record<string, number> {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'];
  return Object.fromEntries(names.map((name) => [name, process.listenerCount(name)]));
}
