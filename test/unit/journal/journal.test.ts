import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openJournalWriter } from '../../../src/journal/append.ts';
import { readJournal } from '../../../src/journal/read.ts';
import { createRunDirectory } from '../../../src/journal/run-directory.ts';

describe('slice', () => {
  it('roundtrip', async () => {
    const root = mkdtempSync(join(tmpdir(), 'journal-'));
    const clock = { now: () => 1_700_000_000_000 };
    const { run, dir } = createRunDirectory(join(root, 'F'), clock);
    const w = openJournalWriter(dir, { run, clock });
    const a = w.append({ type: 'run.stopping', reason: 'ü' });
    await w.close();
    expect(readJournal(dir).events[0]).toEqual(a);

    const w2 = openJournalWriter(dir, { run, clock });
    w2.append({ type: 'run.succeeded' });
    await w2.close();
    expect(readJournal(dir).events).toHaveLength(2);
  });
});
