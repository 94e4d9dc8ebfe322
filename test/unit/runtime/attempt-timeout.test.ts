import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Failure } from '../../../src/model/failure.ts';
import { AttemptTimeout } from '../../../src/runtime/attempt-timeout.ts';
import { REF } from './scheduler/graphs.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

const opened = { type: 'opened', to: 'work', changes: {} } as const;
const items = (first: number, count: number) =>
  ({ type: 'yielded', page: { first, count, ref: REF }, digest: REF.hash }) as const;

function start(timeoutMs?: number) {
  const elapsed: Failure[] = [];
  return { elapsed, timeout: new AttemptTimeout(timeoutMs, (failure) => elapsed.push(failure)) };
}

describe('the timeout of an attempt', () => {
  it('fires after its time', () => {
    const { elapsed } = start(100);
    vi.advanceTimersByTime(99);
    expect(elapsed).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(elapsed).toEqual([{ kind: 'timeout', afterMs: 100 }]);
  });

  it('never fires where there is none, or when the attempt has ended', () => {
    const { elapsed, timeout } = start(100);
    timeout.end();
    const none = start();
    none.timeout.pull(1);
    vi.advanceTimersByTime(1_000);
    expect([...elapsed, ...none.elapsed]).toEqual([]);
  });

  it('stands still while nobody asks for the next item', () => {
    const { elapsed, timeout } = start(100);
    vi.advanceTimersByTime(60);
    timeout.readItems(opened);
    vi.advanceTimersByTime(1_000);
    timeout.pull(2);
    vi.advanceTimersByTime(20);
    timeout.readItems(items(0, 1));
    vi.advanceTimersByTime(10);
    timeout.readItems(items(1, 1));
    vi.advanceTimersByTime(1_000);
    expect(elapsed).toEqual([]);
    timeout.pull(1);
    vi.advanceTimersByTime(9);
    expect(elapsed).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(elapsed).toHaveLength(1);
  });
});
