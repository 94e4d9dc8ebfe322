import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournalWriter } from '../../../src/journal/append.ts';
import { acquireLock, releaseLock, thisPlace } from '../../../src/journal/liveness.ts';
import { journalPath } from '../../../src/journal/read.ts';
import { tailJournal } from '../../../src/journal/tail.ts';
import type { RunId } from '../../../src/model/ids.ts';
import { launched, started } from './events.ts';

const options = { run: '1hf7yat00pae5' as RunId, clock: { now: () => 1 } };
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-tail-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

describe('following a run', () => {
  it('gives what is there and what comes, and ends with the run', async () => {
    acquireLock(dir);
    const writer = openJournalWriter(dir, options);
    writer.append(started);
    const types: string[] = [];
    for await (const { type } of tailJournal(dir, { pollMs: 60_000 })) {
      types.push(type);
      if (type === 'run.started') writer.append(launched('start'));
      // Only when the reader has caught up and waits: it has to notice by itself.
      if (type === 'task.launched') setImmediate(() => writer.append({ type: 'run.succeeded' }));
    }
    expect(types).toEqual(['run.started', 'task.launched', 'run.succeeded']);
    await writer.close();
  });

  it('waits for the rest of a line that is half written', async () => {
    acquireLock(dir);
    const writer = openJournalWriter(dir, options);
    writer.append(started);
    writer.append({ type: 'run.succeeded' });
    await writer.close();
    const whole = readFileSync(journalPath(dir));
    writeFileSync(journalPath(dir), whole.subarray(0, -20));
    const tail = tailJournal(dir, { pollMs: 1 });
    expect((await tail.next()).value).toMatchObject({ type: 'run.started' });
    const next = tail.next();
    writeFileSync(journalPath(dir), whole.subarray(-20), { flag: 'a' });
    expect((await next).value).toMatchObject({ type: 'run.succeeded' });
    expect((await tail.next()).done).toBe(true);
  });

  it('ends without a last event when the run is lost', async () => {
    acquireLock(dir, { ...thisPlace(), pid: 2 ** 22 + 1 });
    const writer = openJournalWriter(dir, options);
    writer.append(started);
    await writer.close();
    const types: string[] = [];
    for await (const { type } of tailJournal(dir)) types.push(type);
    expect(types).toEqual(['run.started']);
    releaseLock(dir);
  });

  it('ends on the signal', async () => {
    acquireLock(dir);
    const writer = openJournalWriter(dir, options);
    writer.append(started);
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { type } of tailJournal(dir, { signal: stop.signal })) {
      seen.push(type);
      setImmediate(() => stop.abort());
    }
    expect(seen).toEqual(['run.started']);
    await writer.close();
  });
});
