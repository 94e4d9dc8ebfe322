import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endEarlierGroups, parseElapsedSeconds } from '../../../src/process/earlier-groups.ts';

describe('the age that ps prints', () => {
  it.each([
    ['00:07', 7],
    ['02:07', 127],
    ['01:02:07', 3_727],
    ['3-01:02:07', 262_927],
  ])('%s is %d s', (text, seconds) => {
    expect(parseElapsedSeconds(text)).toBe(seconds);
  });
});

describe('a process under an old pid', () => {
  it('is ended if it began before the child was seen, and only then', async () => {
    const sleeper = spawn('sleep', ['1000'], { detached: true });
    await once(sleeper, 'spawn');
    const pid = sleeper.pid ?? 0;
    const now = Date.now();
    endEarlierGroups([{ pid, seenAtMs: now - 60_000 }], now);
    expect(sleeper.exitCode ?? sleeper.signalCode).toBeNull();
    expect(process.kill(pid, 0)).toBe(true);
    endEarlierGroups([{ pid, seenAtMs: now }], now);
    const [, signal] = await once(sleeper, 'exit');
    expect(signal).toBe('SIGKILL');
  });
});
