import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  acquireLock,
  lockPath,
  type ProcessPlace,
  readLiveness,
  releaseLock,
  thisPlace,
} from '../../../src/journal/liveness.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** A place whose processes we choose: pid to start time. */
function place(
  processes: Record<number, string>,
  changes: Partial<ProcessPlace> = {},
): ProcessPlace {
  return {
    host: 'here',
    bootId: 'boot',
    pidNamespace: 'pid:[1]',
    pid: 7,
    startTimeOf: (pid) => processes[pid],
    ...changes,
  };
}

describe('the lock of a run', () => {
  it('says that the run is alive while its process is', () => {
    acquireLock(dir);
    expect(readLiveness(dir)).toEqual({ kind: 'running', pid: process.pid });
    expect(statSync(lockPath(dir)).mode & 0o777).toBe(0o600);
  });

  it('says that the run has ended once it is released', () => {
    acquireLock(dir);
    releaseLock(dir);
    expect(readLiveness(dir)).toEqual({ kind: 'ended' });
  });

  it('is refused to a second scheduler, which learns who has it', () => {
    acquireLock(dir);
    expect(() => acquireLock(dir)).toThrow(
      expect.objectContaining({
        code: 'RUN_LOCKED',
        message: `The run ${dir} is taken: process ${process.pid} runs it.`,
      }),
    );
  });

  it('is not handed on when its process is gone', () => {
    acquireLock(dir, place({ 7: 't1' }));
    expect(() => acquireLock(dir, place({ 8: 't2' }, { pid: 8 }))).toThrow(/is gone/);
  });

  it('says that a run is lost when its process is gone', () => {
    acquireLock(dir, place({ 7: 't1' }));
    expect(readLiveness(dir, place({}))).toEqual({ kind: 'lost', pid: 7 });
  });

  it('is not taken in by another process with the same pid', () => {
    acquireLock(dir, place({ 7: 't1' }));
    expect(readLiveness(dir, place({ 7: 't1' }))).toEqual({ kind: 'running', pid: 7 });
    expect(readLiveness(dir, place({ 7: 't2' }))).toEqual({ kind: 'lost', pid: 7 });
  });

  it.each([
    ['host', { host: 'there' }],
    ['boot', { bootId: 'next' }],
    ['pid namespace', { pidNamespace: 'pid:[2]' }],
  ])('is never judged from another %s', (_what, elsewhere) => {
    acquireLock(dir, place({ 7: 't1' }));
    expect(readLiveness(dir, place({}, elsewhere))).toEqual({ kind: 'unknown', host: 'here' });
  });

  it('is not judged either when it cannot be read', () => {
    writeFileSync(lockPath(dir), '{"pid":');
    expect(readLiveness(dir)).toEqual({ kind: 'unknown', host: 'an unreadable lock' });
  });
});

describe.skipIf(process.platform !== 'linux')('this place, on Linux', () => {
  it('tells boot, pid namespace and start times apart', () => {
    const here = thisPlace();
    expect(here.bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(here.pidNamespace).toMatch(/^pid:\[\d+\]$/);
    expect(here.startTimeOf(process.pid)).toMatch(/^\d+$/);
    expect(here.startTimeOf(2 ** 22 + 1)).toBeUndefined();
  });

  it('reads start times past names with spaces and parentheses', () => {
    const before = process.title;
    process.title = 'a) b (c';
    try {
      expect(readFileSync('/proc/self/stat', 'utf8')).toContain('(a) b (c)');
      expect(thisPlace().startTimeOf(process.pid)).toMatch(/^\d+$/);
    } finally {
      process.title = before;
    }
  });
});
