import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournalWriter } from '../../../src/journal/append.ts';
import { PendingLines } from '../../../src/journal/line.ts';
import {
  inspectJournal,
  journalPath,
  readEdges,
  readEventAt,
  readJournal,
  scanJournal,
} from '../../../src/journal/read.ts';
import { createRunDirectory } from '../../../src/journal/run-directory.ts';
import type { EventDraft, FlowEvent } from '../../../src/model/events.ts';
import type { RunId } from '../../../src/model/ids.ts';
import { isRunId } from '../../../src/model/run-id.ts';
import { anyDraft, launched, started, succeeded } from './events.ts';

const run = '1hf7yat00pae5' as RunId;
const clock = { now: () => 1_700_000_000_000 };
let root: string;
let dir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-journal-'));
  dir = join(root, 'run');
  mkdirSync(dir);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

async function write(drafts: readonly EventDraft[], to = dir): Promise<FlowEvent[]> {
  const writer = openJournalWriter(to, { run, clock });
  const events = drafts.map((draft) => writer.append(draft));
  await writer.close();
  return events;
}

const THREE = [started, launched('start'), succeeded('start', { a: 'A' }, [])];

describe('a journal', () => {
  it('gives back what was written, whatever it holds', async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyDraft, { maxLength: 20 }), async (drafts) => {
        number += 1;
        const folder = join(root, String(number));
        mkdirSync(folder);
        const written = await write(drafts, folder);
        expect(readJournal(folder)).toEqual({ events: written, tornBytes: 0, problems: [] });
      }),
      { numRuns: 50 },
    );
  });

  it('stamps events in order, without gaps, also after it was opened again', async () => {
    await write(THREE);
    await write([{ type: 'run.succeeded' }]);
    const { events } = readJournal(dir);
    expect(events.map(({ v, seq, at, run: of }) => ({ v, seq, at, of }))).toEqual(
      [1, 2, 3, 4].map((seq) => ({ v: 1, seq, at: clock.now(), of: run })),
    );
  });

  it('is plain NDJSON for other tools, for its owner only', async () => {
    await write(THREE);
    const lines = readFileSync(journalPath(dir), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject(THREE);
    expect(statSync(journalPath(dir)).mode & 0o777).toBe(0o600);
  });

  it('has all that was appended on disk when commit returns', async () => {
    const writer = openJournalWriter(dir, { run, clock });
    const events = [started, launched('start')].map((draft) => writer.append(draft));
    expect(readJournal(dir).events).toEqual([]);
    writer.commit();
    expect(readJournal(dir).events).toEqual(events);
    expect(writer.length).toBe(statSync(journalPath(dir)).size);
    await writer.close();
  });

  it('does not hold thousands of events back until somebody commits', async () => {
    const writer = openJournalWriter(dir, { run, clock });
    const events = Array.from({ length: 1_000 }, () => writer.append(launched('start')));
    expect(readJournal(dir).events.length).toBeGreaterThan(500);
    await writer.close();
    expect(readJournal(dir)).toEqual({ events, tornBytes: 0, problems: [] });
  });

  it('keeps artifact names such as __proto__ to themselves', async () => {
    await write([succeeded('start', JSON.parse('{"__proto__":"A"}'), [])]);
    const [event] = readJournal(dir).events;
    const changes = event?.type === 'task.succeeded' ? event.changes : {};
    expect(Object.keys(changes)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(changes)).toBe(Object.prototype);
  });

  it('is made durable by those who ask together, whatever the order', async () => {
    const writer = openJournalWriter(dir, { run, clock, durability: 'power' });
    writer.append(started);
    const first = writer.flush();
    writer.append(launched('start'));
    await Promise.all([first, writer.flush(), writer.flush()]);
    await writer.flush();
    await writer.close();
    expect(readJournal(dir).events).toHaveLength(2);
  });
});

describe('a torn last line', () => {
  it('is dropped wherever it was torn, and cut off before the journal goes on', async () => {
    await write(THREE);
    const whole = readFileSync(journalPath(dir));
    const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let end = lastLine; end < whole.length; end += 1) {
      writeFileSync(journalPath(dir), whole.subarray(0, end));
      const { events, tornBytes } = readJournal(dir);
      expect([events.length, tornBytes]).toEqual([2, end - lastLine]);
      await write([launched('again')]);
      expect(readJournal(dir).events.map(({ type }) => type)).toEqual([
        'run.started',
        'task.launched',
        'task.launched',
      ]);
    }
  });

  it('is found by the listing of runs too', async () => {
    const [first, second] = await write(THREE);
    const whole = readFileSync(journalPath(dir));
    writeFileSync(journalPath(dir), whole.subarray(0, -5));
    expect(readEdges(dir)).toEqual({ first, last: second });
  });
});

describe('damage', () => {
  it('is found when any one byte of a journal is flipped', async () => {
    await write(THREE);
    const whole = readFileSync(journalPath(dir));
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(journalPath(dir), damaged);
      expect(() => readJournal(dir), `byte ${at}`).toThrow(
        expect.objectContaining({ code: 'JOURNAL_CORRUPT' }),
      );
      expect(inspectJournal(dir).problems, `byte ${at}`).not.toEqual([]);
    }
  });

  it('is named by file and line, and the rest can still be listed', async () => {
    const events = await write([...THREE, { type: 'run.succeeded' }]);
    const lines = readFileSync(journalPath(dir), 'utf8').split('\n');
    lines[1] = lines[1]!.replace('start', 'stort');
    writeFileSync(journalPath(dir), lines.join('\n'));
    const message = `The journal ${journalPath(dir)}:2 is damaged: the line does not match its checksum.`;
    expect(() => readJournal(dir)).toThrow(message);
    const { problems, events: rest } = inspectJournal(dir);
    expect(problems).toMatchObject([{ code: 'journal-corrupt', message, span: { line: 2 } }]);
    expect(rest).toEqual([events[0], events[2], events[3]]);
  });

  it('is a line that is missing', async () => {
    await write(THREE);
    const lines = readFileSync(journalPath(dir), 'utf8').split('\n');
    writeFileSync(journalPath(dir), [lines[0], ...lines.slice(2)].join('\n'));
    expect(() => readJournal(dir)).toThrow(/event 3 follows event 1/);
  });

  it('keeps a journal from being continued', async () => {
    await write(THREE);
    const text = readFileSync(journalPath(dir), 'utf8');
    writeFileSync(journalPath(dir), text.replace('Weather', 'Whether'));
    expect(() => openJournalWriter(dir, { run, clock })).toThrow(
      expect.objectContaining({ code: 'JOURNAL_CORRUPT' }),
    );
  });

  it('is not confused with a journal that is not there', () => {
    expect(() => readJournal(join(root, 'none'))).toThrow(
      expect.objectContaining({ code: 'JOURNAL_MISSING' }),
    );
  });
});

describe('a journal of another version', () => {
  const lineOf = (event: object): Buffer => {
    const lines = new PendingLines();
    lines.add(event as FlowEvent);
    return lines.bytes;
  };

  it('is read past events that this version does not know', async () => {
    const [first] = await write([started]);
    const unknown = { v: 1, seq: 2, at: 1, run, type: 'task.admired', step: 'start' };
    const next = { v: 1, seq: 3, at: 1, run, type: 'run.succeeded' };
    writeFileSync(journalPath(dir), Buffer.concat([lineOf(unknown), lineOf(next)]), { flag: 'a' });
    expect(readJournal(dir).events).toEqual([first, next]);
    expect([...scanJournal(dir)].map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('is refused with a remedy when its events are newer', () => {
    writeFileSync(journalPath(dir), lineOf({ v: 2, seq: 1, at: 1, run, type: 'run.succeeded' }));
    expect(() => readJournal(dir)).toThrow(expect.objectContaining({ code: 'JOURNAL_TOO_NEW' }));
  });
});

describe('reading a part of a journal', () => {
  it('goes to an event by its offset', async () => {
    const events = await write(THREE);
    const places = [...scanJournal(dir)];
    expect(places.map(({ offset }) => readEventAt(dir, offset))).toEqual(events);
    expect(readEventAt(dir, 3)).toBeUndefined();
  });

  it('finds the first and the last event, also behind a very long line', async () => {
    const events = await write([
      started,
      succeeded('start', { ['x'.repeat(3 << 20)]: 'A' }, []),
      succeeded('end', { ['y'.repeat(100_000)]: 'A' }, []),
    ]);
    expect(readEdges(dir)).toEqual({ first: events[0], last: events[2] });
    expect(readJournal(dir).events).toEqual(events);
  });

  it('finds nothing in an empty one', () => {
    writeFileSync(journalPath(dir), '');
    expect(readEdges(dir)).toEqual({});
    expect(readJournal(dir)).toEqual({ events: [], tornBytes: 0, problems: [] });
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  it('is an error with its name, and nothing is appended after it', async () => {
    symlinkSync('/dev/full', journalPath(dir));
    const writer = openJournalWriter(dir, { run, clock });
    const full = expect.objectContaining({
      code: 'JOURNAL_NOT_WRITABLE',
      message: `The journal ${journalPath(dir)} cannot be written: ENOSPC.`,
    });
    writer.append(started);
    expect(() => writer.commit()).toThrow(full);
    expect(() => writer.append(started)).toThrow(full);
    await expect(writer.close()).rejects.toEqual(full);
  });
});

describe('the folder of a run', () => {
  it('is made with a header, for its owner only', () => {
    const made = createRunDirectory(join(root, 'flows', 'Weather'), clock);
    expect(isRunId(made.run)).toBe(true);
    expect(made.dir).toBe(join(root, 'flows', 'Weather', made.run));
    expect(JSON.parse(readFileSync(join(made.dir, 'run.json'), 'utf8'))).toEqual({
      format: 1,
      run: made.run,
      flow: 'Weather',
      createdAt: clock.now(),
    });
    expect(statSync(made.dir).mode & 0o777).toBe(0o700);
  });

  it('is never shared by two runs of the same millisecond', () => {
    const made = Array.from({ length: 200 }, () => createRunDirectory(join(root, 'F'), clock).dir);
    expect(new Set(made).size).toBe(200);
  });

  it('cannot be made where a file stands', () => {
    writeFileSync(join(root, 'F'), '');
    expect(() => createRunDirectory(join(root, 'F'), clock)).toThrow(
      expect.objectContaining({ code: 'STORE_NOT_WRITABLE' }),
    );
  });
});
