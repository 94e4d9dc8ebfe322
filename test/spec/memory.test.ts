import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EventOf, FlowEvent, Usage } from '../../src/model/events.ts';
import { FlowRig } from '../rig/flow-rig.ts';

/** What `start` does is its only difference. */
const flow = (body: string, decorator = `@resources({ memory: '150 MB' })`): string => `
import { FlowSpec, resources, step } from 'millrace';
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
export class Hungry extends FlowSpec {
  ${decorator} @step async start() { const kept: unknown[] = []; ${body}; this.next(this.end); }
  @step end() {}
}`;

const BUFFERS = `while (kept.length < 100) { kept.push(Buffer.alloc(10e6, 1)); await pause(20); }`;

async function failureOf(source: string): Promise<EventOf<'task.failed'>> {
  await using rig = await FlowRig.create();
  await rig.write('flow.ts', source);
  const { code, events, stderr } = await rig.run(['flow.ts']);
  expect(code, stderr).toBe(1);
  const failed = events.find((event) => event.type === 'task.failed');
  if (failed?.type !== 'task.failed') throw new Error('nothing failed');
  return failed;
}

describe('a task over its memory', () => {
  it('is killed, and told with its limit, its use, and how it got there', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(BUFFERS));
    const { code, stderr } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/out of memory: 150 MB limit, \d{3,4} MB used, curve \d+ → .*MB in \d/);
  });

  it('is one with what it started', async () => {
    const child = `const kept = []; setInterval(() => kept.push(Buffer.alloc(10e6, 1)), 20)`;
    const { failure } = await failureOf(
      flow(`execFileSync(process.execPath, ['-e', ${JSON.stringify(child)}])`),
    );
    expect(failure).toMatchObject({ kind: 'out-of-memory', by: 'limit', limitBytes: 150e6 });
  });

  it('is told apart when V8 gave up first', async () => {
    const { failure } = await failureOf(
      flow(
        'while (kept.length >= 0) kept.push(new Array(1e5).fill(kept.length))',
        `@resources({ memory: '1 GB' })`,
      ),
    );
    expect(failure).toMatchObject({ kind: 'out-of-memory', by: 'heap', limitBytes: 1e9 });
  });

  it('can be caught and tried again like any failure', async () => {
    await using rig = await FlowRig.create();
    const caught = `@retry({ times: 1, backoff: { initial: 0 } }) @catchError('problem') @resources({ memory: '150 MB' })`;
    await rig.write(
      'flow.ts',
      flow(BUFFERS, caught).replace('resources,', 'catchError, retry, resources,'),
    );
    const { events } = await rig.run(['flow.ts']);
    const failed = events.filter((event) => event.type === 'task.failed');
    expect(failed.map((event) => event.then.kind)).toEqual(['retry', 'catch']);
    expect((await rig.artifacts('latest/end'))['problem']).toMatchObject({ kind: 'out-of-memory' });
  });

  const group = '/sys/fs/cgroup/memory/millrace-spec';
  const canLimit =
    existsSync('/sys/fs/cgroup/memory/memory.oom_control') && process.getuid?.() === 0;

  it.runIf(canLimit)('is told apart when the kernel killed it', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      flow(`process.stdout.write('ready'); await pause(200); ${BUFFERS}`, ''),
    );
    mkdirSync(group);
    try {
      writeFileSync(join(group, 'memory.limit_in_bytes'), '250000000');
      const run = rig.start(['run', 'flow.ts', '--json']);
      const { pid } = await run.waitForEvent('task.launched');
      for (const one of [run.pid, pid ?? 0]) writeFileSync(join(group, 'cgroup.procs'), `${one}`);
      const { events } = await run.finished;
      const failed = events.find((event) => event.type === 'task.failed');
      expect(failed).toMatchObject({ failure: { kind: 'out-of-memory', by: 'kernel' } });
    } finally {
      rmdirSync(group);
    }
  });
});

describe('what an attempt used', () => {
  it('is in its event and in the summary: CPU of what it started too, and the peak', async () => {
    await using rig = await FlowRig.create();
    const busy = `const until = Date.now() + 600; while (Date.now() < until);`;
    await rig.write(
      'flow.ts',
      flow(`execFileSync(process.execPath, ['-e', ${JSON.stringify(busy)}])`, ''),
    );
    const { events } = await rig.run(['flow.ts']);
    const ended = events.find((event) => event.type === 'task.succeeded');
    const usage = ended?.type === 'task.succeeded' ? ended.usage : undefined;
    expect(usage?.wallMs).toBeGreaterThan(600);
    expect(usage?.cpuMs).toBeGreaterThan(150);
    expect(usage?.peakRssBytes).toBeGreaterThan(30e6);
    expect(usage?.peakRssBytes).toBeLessThan(300e6);
    const { stderr } = await rig.ok(['run', 'flow.ts']);
    expect(stderr).toMatch(/start {2}1 task {2}.* m?s, CPU .*, \d+(\.\d)? MB/);
  });
});

describe('what a task used', () => {
  it('is not what the process used that started its own', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow('', ''));
    const hook = await rig.write(
      'large.mjs',
      `if (process.argv[1].endsWith('main.cjs')) globalThis.kept = Buffer.alloc(400e6, 1);`,
    );
    const { events } = await rig.run(['flow.ts'], {
      env: { NODE_OPTIONS: `--import ${hook}` },
    });
    for (const { peakRssBytes } of usagesOf(events)) expect(peakRssBytes).toBeLessThan(200e6);
  });

  it('is its own also where it shares a process with those before it', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
      import { setTimeout as pause } from 'node:timers/promises';
      export class Shared extends FlowSpec {
        @step start() {
          const room = new ArrayBuffer(0, { maxByteLength: 200e6 });
          room.resize(200e6);
          new Uint8Array(room).fill(1);
          const until = Date.now() + 1_500;
          while (Date.now() < until);
          room.resize(0);
          this.next(this.end);
        }
        @step async end() { await pause(700); }
      }`,
    );
    const { events } = await rig.run(['flow.ts', '--isolation', 'pooled', '--no-spares']);
    const pids = events.flatMap((event) => (event.type === 'task.launched' ? [event.pid] : []));
    expect(new Set(pids).size).toBe(1);
    const [first, second] = usagesOf(events);
    expect(first?.peakRssBytes).toBeGreaterThan(200e6);
    expect(second?.peakRssBytes).toBeLessThan(150e6);
    expect(first?.cpuMs).toBeGreaterThan(500);
    expect(second?.cpuMs).toBeLessThan(300);
  });
});

function usagesOf(events: readonly FlowEvent[]): readonly Usage[] {
  return events.flatMap((event) =>
    event.type === 'task.succeeded' && event.usage !== undefined ? [event.usage] : [],
  );
}

describe('flow inspect', () => {
  it('tells what each step and each attempt used, and why it failed', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      flow(`throw new Error('no luck')`, `@retry({ times: 1, backoff: { initial: 0 } })`).replace(
        'resources,',
        'retry,',
      ),
    );
    await rig.flow(['run', 'flow.ts']);
    const { stdout } = await rig.ok(['inspect', 'latest/start']);
    const figures = String.raw`attempt 1 .* m?s, queued .* m?s, CPU .* m?s, .* MB`;
    expect(stdout).toMatch(
      new RegExp(`^start/0 failed\n  ${figures}: .*Error: no luck\n  attempt 2`),
    );
    const used = {
      wallMs: expect.any(Number),
      queuedMs: expect.any(Number),
      cpuMs: expect.any(Number),
      peakRssBytes: expect.any(Number),
    };
    const ofRun = JSON.parse((await rig.ok(['inspect', 'latest', '--json'])).stdout);
    expect(ofRun.steps).toMatchObject([{ name: 'start', failed: 1, usage: used }]);
    const ofStep = JSON.parse((await rig.ok(['inspect', 'latest/start', '--json'])).stdout);
    const [first, second] = ofStep.attempts;
    expect(first).toMatchObject({ attempt: 1, failure: { kind: 'user-error' }, usage: used });
    const sum = first.usage.wallMs + second.usage.wallMs;
    expect(ofRun.steps[0].usage.wallMs).toBeCloseTo(sum, 3);
    expect(ofRun.steps[0].usage.peakRssBytes).toBe(
      Math.max(first.usage.peakRssBytes, second.usage.peakRssBytes),
    );
  });
});
