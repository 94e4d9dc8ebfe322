import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournalWriter } from '../../../src/journal/append.ts';
import { journalPath, readJournal } from '../../../src/journal/read.ts';
import type { FlowEvent } from '../../../src/model/events.ts';
import type { RunId } from '../../../src/model/ids.ts';
import type { JournalWriter } from '../../../src/model/ports/journal.ts';
import { Recorder } from '../../../src/runtime/recorder.ts';
import { launched, started } from '../journal/events.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-recorder-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function openJournal(): JournalWriter {
  return openJournalWriter(dir, { run: '1hf7yat00pae5' as RunId, clock: { now: () => 1 } });
}

describe('what becomes known in one turn', () => {
  it('is in the journal before anything goes on that waits for it', async () => {
    const journal = openJournal();
    const recorder = new Recorder({ journal, readers: [] });
    const seen: string[][] = [];
    const read = (): void => {
      seen.push(readJournal(dir).events.map(({ type }) => type));
    };
    recorder.record(started);
    const written = recorder.written().then(read);
    recorder.record(launched('start'));
    read();
    await written;
    expect(seen).toEqual([[], ['run.started', 'task.launched']]);
    await journal.close();
  });

  it('is told to those who look on once it is in the journal, in order', async () => {
    const journal = openJournal();
    const told: FlowEvent[] = [];
    const onEvent = (event: FlowEvent): void => {
      expect(readJournal(dir).events).toContainEqual(event);
      told.push(event);
    };
    const recorder = new Recorder({ journal, readers: [{ onEvent }] });
    const events = [recorder.record(started), recorder.record(launched('start'))];
    expect(told).toEqual([]);
    await recorder.written();
    events.push(recorder.record(launched('end')));
    recorder.write();
    expect(told).toEqual(events);
    await recorder.written();
    expect(told).toEqual(events);
    await journal.close();
  });

  it.skipIf(!existsSync('/dev/full'))(
    'is said not to be written when the disk is full, and told to nobody',
    async () => {
      symlinkSync('/dev/full', journalPath(dir));
      const journal = openJournal();
      const failures: unknown[] = [];
      const told: FlowEvent[] = [];
      const recorder = new Recorder({
        journal,
        readers: [{ onEvent: (event) => told.push(event) }],
        onFailure: (error) => failures.push(error),
      });
      recorder.record(started);
      const full = expect.objectContaining({ code: 'JOURNAL_NOT_WRITABLE' });
      expect(await recorder.written()).toBe(false);
      expect({ failures, told }).toEqual({ failures: [full], told: [] });
      await expect(journal.close()).rejects.toEqual(full);
    },
  );
});
