import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OomKills } from '../../../src/process/oom-kills.ts';
import { openTreeUsage, readByPidusage, type TreeUsage } from '../../../src/process/tree-usage.ts';
import { UsageSampler } from '../../../src/process/usage-sampler.ts';

const MB = 1e6;

/** A process that uses so much memory, says so, and waits to be ended. */
async function hungry(code: string): Promise<{ pid: number } & AsyncDisposable> {
  const child = spawn(process.execPath, ['-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  return {
    pid,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      process.kill(-pid, 'SIGKILL');
      await gone;
    },
  };
}

const EAT = `globalThis.kept = Buffer.alloc(100e6, 1); console.log('full'); setInterval(() => {}, 1e6);`;
const EAT_IN_CHILD = `
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['-e', ${JSON.stringify(EAT)}], { stdio: 'inherit' });
  setInterval(() => {}, 1e6);`;
const EAT_IN_THREADS_CHILD = `
  const { Worker } = require('node:worker_threads');
  new Worker(${JSON.stringify(EAT_IN_CHILD)}, { eval: true, stdout: false });
  setInterval(() => {}, 1e6);`;

describe('the usage of a tree', () => {
  it.each([
    ['of a process', EAT],
    ['of what it started', EAT_IN_CHILD],
    ['of what a thread of it started', EAT_IN_THREADS_CHILD],
  ])('is that %s', async (_, code) => {
    await using process = await hungry(code);
    const usage = (await openTreeUsage().read([process.pid])).get(process.pid);
    expect(usage?.rssBytes).toBeGreaterThan(100 * MB);
    expect(usage?.rssBytes).toBeLessThan(300 * MB);
    expect(usage?.cpuMs).toBeGreaterThan(0);
  });

  it('is the same for a process by the way that other systems take', async () => {
    await using process = await hungry(EAT);
    const [own, other] = [
      (await openTreeUsage().read([process.pid])).get(process.pid),
      (await readByPidusage([process.pid])).get(process.pid),
    ];
    expect((other?.rssBytes ?? 0) / (own?.rssBytes ?? 1)).toBeCloseTo(1, 1);
    expect(Math.abs((other?.cpuMs ?? 0) - (own?.cpuMs ?? 0))).toBeLessThan(100);
  });

  it('of a process that is gone is left out', async () => {
    expect((await openTreeUsage().read([2 ** 22 + 1])).size).toBe(0);
    expect((await readByPidusage([2 ** 22 + 1])).size).toBe(0);
  });
});

describe('a sampler', () => {
  const reading = (looks: number[], usage: () => TreeUsage) => ({
    read: (leaders: readonly number[]) => {
      looks.push(leaders.length);
      return new Map(leaders.map((pid) => [pid, usage()]));
    },
  });

  it('looks at all trees at once and keeps the highest figures of each', async () => {
    const looks: number[] = [];
    const figures = [50, 90, 70];
    const sampler = new UsageSampler(
      reading(looks, () => ({ cpuMs: 1, rssBytes: figures[looks.length - 1] ?? 0 })),
    );
    const other = sampler.watch(2);
    const seen: number[] = [];
    await new Promise<void>((resolve) => {
      const tree = sampler.watch(1, {
        onSample: ({ rssBytes }) => {
          seen.push(rssBytes);
          if (seen.length < figures.length) return;
          expect(tree.highest).toEqual({ cpuMs: 1, rssBytes: 90 });
          tree.stop();
          resolve();
        },
      });
    });
    expect(seen).toEqual(figures);
    expect(looks).toEqual([2, 2, 2]);
    other.stop();
  });

  it('never looks at a task that ends before the first look', async () => {
    const looks: number[] = [];
    const sampler = new UsageSampler(reading(looks, () => ({ cpuMs: 0, rssBytes: 0 })));
    const short = sampler.watch(1, { onSample: () => {} });
    short.stop();
    expect(short.highest).toBeUndefined();
    await new Promise<void>((resolve) => {
      const long = sampler.watch(2, {
        onSample: () => {
          long.stop();
          resolve();
        },
      });
    });
    expect(looks).toEqual([1]);
  });
});

describe('the kernel’s kills', () => {
  function inMachine(files: Readonly<Record<string, string>>) {
    const root = mkdtempSync(join(tmpdir(), 'millrace-proc-'));
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    for (const [path, text] of Object.entries(files)) write(path, text);
    return { root, write, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
  }

  it.each([
    ['version 2', '0::/a/b\n', 'sys/fs/cgroup/a/b/memory.events'],
    ['version 2 in a container', '0::/../x\n', 'sys/fs/cgroup/memory.events'],
    ['version 1', '4:memory:/a\n0::/\n', 'sys/fs/cgroup/memory/a/memory.oom_control'],
    ['none', '', 'proc/vmstat'],
  ])('are counted in control groups of %s, each for one death', (_, groups, file) => {
    using machine = inMachine({ 'proc/self/cgroup': groups, [file]: 'oom 2\noom_kill 3\n' });
    const kills = new OomKills(machine.root);
    expect(kills.claim()).toBe(false);
    machine.write(file, 'oom 2\noom_kill 5\n');
    expect([kills.claim(), kills.claim(), kills.claim()]).toEqual([true, true, false]);
  });

  it('explain nothing where nobody counts', () => {
    using machine = inMachine({});
    expect(new OomKills(machine.root).claim()).toBe(false);
  });
});
