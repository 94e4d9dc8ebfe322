import { describe, expect, it } from 'vitest';
import { createDeferred } from '../../../src/base/deferred.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { OomKills } from '../../../src/process/oom-kills.ts';
import type { TreeUsage } from '../../../src/process/tree-usage.ts';
import { UsageSampler } from '../../../src/process/usage-sampler.ts';
import { AttemptMonitor } from '../../../src/runtime/attempt-monitor.ts';
import { MemoryCurve } from '../../../src/runtime/memory-curve.ts';

/** A monitor of an attempt that uses this, look after look. */
function monitor(looks: readonly TreeUsage[], memoryBytes?: number) {
  let next = 0;
  const sampler = new UsageSampler({
    read: () => new Map([[7, looks[Math.min(next++, looks.length - 1)]!]]),
  });
  const exceeded: Failure[] = [];
  const told = createDeferred<void>();
  const attempt = new AttemptMonitor({
    sampler,
    oomKills: new OomKills('/nowhere'),
    pid: 7,
    cpuMsBefore: 0,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    onExceeded: (failure) => {
      exceeded.push(failure);
      told.resolve();
    },
  });
  return { attempt, exceeded, told: told.promise };
}

const ABORTED: Failure = { kind: 'signal', signal: 'SIGABRT' };

describe('the monitor of an attempt', () => {
  it('says once that the tree is over its limit, and how it got there', async () => {
    const looks = [100, 300, 600, 900].map((rssBytes) => ({ cpuMs: 5, rssBytes }));
    const { attempt, exceeded, told } = monitor(looks, 500);
    await told;
    expect(exceeded).toMatchObject([
      { kind: 'out-of-memory', by: 'limit', limitBytes: 500, usedBytes: 600 },
    ]);
    const [failure] = exceeded;
    const curve = failure?.kind === 'out-of-memory' ? failure.curve : [];
    expect(curve?.map(({ bytes }) => bytes)).toEqual([100, 300, 600]);
    expect(attempt.end(undefined)).toEqual({ cpuMs: 5, peakRssBytes: 600 });
  });

  it('takes the higher of what was seen and what the process told', () => {
    const { attempt } = monitor([{ cpuMs: 1, rssBytes: 1 }]);
    expect(attempt.end({ cpuMs: 80, peakRssBytes: 4_000 })).toEqual({
      cpuMs: 80,
      peakRssBytes: 4_000,
    });
  });

  it('knows nothing of a process that never was', () => {
    const { attempt } = monitor([{ cpuMs: 1, rssBytes: 1 }]);
    expect(attempt.end(undefined)).toEqual({});
  });

  it('knows V8’s last words, also in pieces, and only with an abort', () => {
    const { attempt } = monitor([{ cpuMs: 1, rssBytes: 1 }], 500);
    const words = Buffer.from('FATAL ERROR: Reached heap limit - JavaScript heap out of memory\n');
    expect(attempt.explain(ABORTED)).toEqual(ABORTED);
    attempt.readErrors(words.subarray(0, 40));
    attempt.readErrors(words.subarray(40));
    expect(attempt.explain(ABORTED)).toEqual({
      kind: 'out-of-memory',
      by: 'heap',
      limitBytes: 500,
    });
    expect(attempt.explain({ kind: 'exit', code: 134 }).kind).toBe('out-of-memory');
    expect(attempt.explain({ kind: 'exit', code: 3 })).toEqual({ kind: 'exit', code: 3 });
    expect(attempt.explain({ kind: 'signal', signal: 'SIGSEGV' }).kind).toBe('signal');
    attempt.end(undefined);
  });
});

describe('a curve', () => {
  it('stays short, goes to the end, and never loses its order', () => {
    const curve = new MemoryCurve();
    for (let at = 0; at < 10_000; at += 1) curve.add({ atMs: at, bytes: at });
    const last = { atMs: 10_000, bytes: 10_000 };
    const samples = curve.upTo(last);
    expect(samples.length).toBeLessThan(18);
    expect(samples.at(-1)).toEqual(last);
    expect(samples.map(({ atMs }) => atMs)).toEqual(
      samples.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
  });
});
