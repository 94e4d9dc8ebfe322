import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeferred, type Deferred } from '../../../src/base/deferred.ts';
import {
  type Child,
  type ChildExit,
  type ChildOptions,
  startChild,
} from '../../../src/process/child-process.ts';
import { groupAlive, trySignal } from '../../../src/process/group.ts';
import { Supervisor } from '../../../src/process/supervisor.ts';

const supervisor = new Supervisor();
const folder = mkdtempSync(join(tmpdir(), 'millrace-process-'));
const channelFile = join(folder, 'channel.cjs');

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('../../../src/process/child/channel.ts', import.meta.url))],
    outfile: channelFile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
  });
});

afterAll(async () => {
  await supervisor.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A child whose code has `channel` and `say`, and what came of it. */
class Conversation {
  readonly child: Child;
  readonly messages: unknown[] = [];
  readonly logs = { stdout: '', stderr: '' };
  #next: Deferred<unknown> = createDeferred();

  constructor(code: string, options: Partial<ChildOptions> = {}) {
    const setup = `
      const { takeChannel } = require(${JSON.stringify(channelFile)});
      const isAlone = () =>
        process.getActiveResourcesInfo().length === 0 && process.listenerCount('SIGUSR2') === 0;
      const channel = takeChannel({ onDisconnect: () => process.exit(7), isAlone });
      const say = async (message) => channel.send(message);
      const stay = () => setInterval(() => {}, 1e6);
    `;
    this.child = startChild({
      args: ['-e', setup + code],
      env: process.env,
      supervisor,
      cwd: folder,
      graceMs: 10_000,
      onMessage: (message) => {
        this.messages.push(message);
        this.#next.resolve(message);
        this.#next = createDeferred();
      },
      onLog: (stream, bytes) => {
        this.logs[stream] += bytes.toString('latin1');
      },
      ...options,
    });
  }

  next(): Promise<unknown> {
    return this.#next.promise;
  }

  get exit(): Promise<ChildExit> {
    return this.child.exit;
  }
}

describe('a child', () => {
  it('reports its exit code after all that it printed and said', async () => {
    const talk = new Conversation(`
      const print = (stream, text) => new Promise((done) => stream.write(text, done));
      Promise.all([
        print(process.stdout, 'o'.repeat(300000)),
        print(process.stderr, 'e'.repeat(300000)),
        say({ last: 'm'.repeat(300000) }),
      ]).then(() => process.exit(3));
    `);
    expect(await talk.exit).toEqual({ code: 3, signal: null });
    expect(talk.logs.stdout.length).toBe(300_000);
    expect(talk.logs.stderr.length).toBe(300_000);
    expect(talk.messages).toEqual([{ last: 'm'.repeat(300_000) }]);
    expect(talk.child.phase).toBe('stopped');
  });

  it('answers messages, and ends by itself when it waits for none', async () => {
    const talk = new Conversation(`
      channel.ref();
      channel.onMessage(async (message) => { await say({ echo: message }); channel.unref(); });
    `);
    talk.child.send({ text: 'häß😀\n' });
    expect(await talk.exit).toEqual({ code: 0, signal: null });
    expect(talk.messages).toEqual([{ echo: { text: 'häß😀\n' } }]);
  });

  it('hands over what arrived before it listened', async () => {
    const talk = new Conversation(`
      channel.ref();
      process.once('SIGUSR2', () => channel.onMessage((m) => say(m).then(() => process.exit(0))));
      say('ready');
    `);
    await talk.next();
    talk.child.send('early');
    if (talk.child.pid !== undefined) trySignal(talk.child.pid, 'SIGUSR2');
    await talk.exit;
    expect(talk.messages).toEqual(['ready', 'early']);
  });

  it('has no other way to its parent', async () => {
    const talk = new Conversation(`
      say([typeof process.send, typeof process.channel, typeof process.disconnect,
        Object.keys(process.env).filter((name) => name.startsWith('NODE_CHANNEL'))]);
    `);
    await talk.exit;
    expect(talk.messages).toEqual([['undefined', 'undefined', 'undefined', []]]);
  });

  it('does not pass its channel on to its own children', async () => {
    const talk = new Conversation(`
      const code = 'try { require("fs").writeSync(3, "1\\\\n") } catch (e) { console.log(e.code) }';
      require('child_process').spawnSync(process.execPath, ['-e', code], { stdio: 'inherit' });
    `);
    await talk.exit;
    expect(talk.messages).toEqual([]);
    expect(talk.logs.stdout).toMatch(/^E[A-Z]+\n$/);
  });

  it('reads nothing from stdin', async () => {
    const talk = new Conversation(`say(require('fs').readFileSync(0, 'utf8'))`);
    await talk.exit;
    expect(talk.messages).toEqual(['']);
  });

  it('is not believed when it writes garbage to its channel', async () => {
    const talk = new Conversation(`require('fs').writeSync(3, 'garbage\\n'); say('fine')`);
    await talk.exit;
    expect(talk.messages).toEqual([undefined, 'fine']);
  });

  it.each([
    ['while it waits for nothing else', 'ref'],
    ['while other things keep it alive', 'unref'],
    ['while it is busy for long', 'pause'],
  ])('notices that its parent is gone %s', async (_, mode) => {
    const isAlone = mode === 'ref';
    const middle = `
      const { spawn } = require('child_process');
      const code = 'require(' + ${JSON.stringify(JSON.stringify(channelFile))} + ')' +
        '.takeChannel({ onDisconnect: () => { console.log("alone"); process.exit(0) }, isAlone: () => ${isAlone} })' +
        '.${mode}(); ${isAlone ? '' : 'setInterval(() => {}, 1e6);'} console.log("up")';
      const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
      stay();
      say(child.pid);
    `;
    const sawUp = createDeferred<void>();
    let output = '';
    const talk = new Conversation(middle, {
      onLog: (_stream, bytes) => {
        output += bytes.toString();
        if (output.includes('up')) sawUp.resolve();
      },
    });
    await sawUp.promise;
    if (talk.child.pid !== undefined) trySignal(talk.child.pid, 'SIGKILL');
    expect(await talk.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(output).toBe('up\nalone\n');
  });
});

describe('stopping a child', () => {
  it('asks with TERM first and takes the exit code that it chooses', async () => {
    const talk = new Conversation(
      `process.on('SIGTERM', () => process.exit(5)); stay(); say('up')`,
    );
    await talk.next();
    talk.child.stop('cancelled');
    expect(talk.child.phase).toBe('stopping');
    expect(await talk.exit).toEqual({ code: 5, signal: null });
  });

  it('kills when the grace period is over', async () => {
    const talk = new Conversation(`process.on('SIGTERM', () => say('no')); stay(); say('up')`, {
      graceMs: 30,
    });
    await talk.next();
    talk.child.stop('cancelled');
    expect(await talk.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(talk.messages).toEqual(['up', 'no']);
  });

  it('signals the whole group', async () => {
    const talk = new Conversation(`
      const child = require('child_process').spawn(process.execPath, ['-e',
        'process.on("SIGTERM", () => { console.log("heard"); process.exit(0) }); setInterval(() => {}, 1e6); console.log("up")'],
        { stdio: ['ignore', 'pipe', 'inherit'] });
      process.on('SIGTERM', () => {});
      child.stdout.on('data', (data) => process.stdout.write(data, () => say(String(data).trim())));
      child.on('close', () => process.exit(0));
    `);
    expect(await talk.next()).toBe('up');
    talk.child.stop('cancelled');
    expect(await talk.exit).toEqual({ code: 0, signal: null });
    expect(talk.messages).toEqual(['up', 'heard']);
  });

  it('kills at once, with descendants that left the group', async () => {
    const talk = new Conversation(`
      const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6); console.log("up")'],
        { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout.once('data', () => say(child.pid));
    `);
    const stray = Number(await talk.next());
    expect(groupAlive(stray)).toBe(true);
    talk.child.kill();
    expect(await talk.exit).toEqual({ code: null, signal: 'SIGKILL' });
    // It was killed with the rest; the system takes its own time to end what is not our child.
    await expect.poll(() => groupAlive(stray), { timeout: 5_000 }).toBe(false);
  });

  it('changes nothing once it is gone', async () => {
    const talk = new Conversation('');
    await talk.exit;
    talk.child.stop('late');
    talk.child.kill();
    talk.child.send('late');
    expect(talk.child.phase).toBe('stopped');
  });
});

describe('what a child leaves behind', () => {
  it('ends with it: a background process of its group, which holds no pipe', async () => {
    const talk = new Conversation(`
      const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
      child.unref();
      child.on('spawn', () => say(child.pid));
    `);
    const left = Number(await talk.next());
    expect(await talk.exit).toEqual({ code: 0, signal: null });
    expect(groupAlive(talk.child.pid ?? 0)).toBe(false);
    expect(left).toBeGreaterThan(0);
  });

  it('holds the exit back only briefly: a process of its group that keeps a pipe open', async () => {
    const talk = new Conversation(`
      const { spawn } = require('child_process');
      const code = 'console.log("still here"); setInterval(() => {}, 1e6)';
      spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'inherit', 'inherit'] })
        .on('spawn', () => process.exit(0));
    `);
    expect(await talk.exit).toEqual({ code: 0, signal: null });
    expect(groupAlive(talk.child.pid ?? 0)).toBe(false);
  });

  it('does not hold the exit back even outside its group, where it prints without end', async () => {
    const talk = new Conversation(`
      const { spawn } = require('child_process');
      const code = 'say = () => process.stdout.write("y".repeat(1000), say); say()';
      const child = spawn(process.execPath, ['-e', code], { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
      child.on('spawn', () => say(child.pid).then(() => process.exit(0)));
    `);
    const stray = Number(await talk.next());
    try {
      expect(await talk.exit).toEqual({ code: 0, signal: null });
    } finally {
      trySignal(stray, 'SIGKILL');
    }
  });
});

describe('what a child prints', () => {
  it('waits for a slow reader and is all handed over, one chunk at a time', async () => {
    let bytesRead = 0;
    let inFlight = 0;
    let mostInFlight = 0;
    const talk = new Conversation(
      `for (let i = 0; i < 200; i += 1) process.stdout.write('x'.repeat(50000))`,
      {
        onLog: async (_stream, bytes) => {
          inFlight += 1;
          mostInFlight = Math.max(mostInFlight, inFlight);
          await new Promise((resolve) => setImmediate(resolve));
          inFlight -= 1;
          bytesRead += bytes.length;
        },
      },
    );
    expect(await talk.exit).toEqual({ code: 0, signal: null });
    expect(bytesRead).toBe(10_000_000);
    expect(mostInFlight).toBe(1);
  });

  it('is still all handed over when the reader is busy until long after the exit', async () => {
    const gone = createDeferred<void>();
    let text = '';
    const talk = new Conversation(
      `process.stdout.write('a'.repeat(1000), () => process.stdout.write('b'.repeat(100000)))`,
      {
        onLog: async (_stream, bytes) => {
          if (text === '') await gone.promise;
          text += bytes.toString();
        },
      },
    );
    const watch = setInterval(() => {
      if (talk.child.phase === 'cutting') gone.resolve();
    }, 5);
    await talk.exit;
    clearInterval(watch);
    expect(text).toBe('a'.repeat(1000) + 'b'.repeat(100_000));
  });

  it('does not stop the child when its reader fails; the first error is in the exit', async () => {
    const failure = new Error('disk full');
    const talk = new Conversation(
      `for (let i = 0; i < 50; i += 1) process.stdout.write('x'.repeat(50000))`,
      { onLog: () => Promise.reject(failure) },
    );
    expect(await talk.exit).toEqual({ code: 0, signal: null, logError: failure });
  });
});

describe('a child that cannot start', () => {
  it('is an exit that says why, for a program that is not there', async () => {
    const { child } = new Conversation('', { execPath: join(folder, 'no-such-program') });
    child.send('nobody hears this');
    const exit = await child.exit;
    expect(exit.code).toBe(null);
    expect(exit.spawnError?.code).toBe('ENOENT');
    expect(child.pid).toBe(undefined);
  });

  it('is an exit that says why, for a program that may not be run', async () => {
    const { child } = new Conversation('', { execPath: channelFile });
    expect((await child.exit).spawnError?.code).toBe('EACCES');
  });

  it('is an exit that says why, for arguments that no system takes', async () => {
    const { child } = new Conversation('', { args: ['-e', '\0'] });
    expect((await child.exit).spawnError?.code).toBe('ERR_INVALID_ARG_VALUE');
  });
});
