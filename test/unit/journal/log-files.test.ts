import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogCursor } from '../../../src/journal/log-cursor.ts';
import { type LogFilesOf, logFilePath, openLogFiles } from '../../../src/journal/log-files.ts';
import { listLogFiles, readLogFiles, tailLogFiles } from '../../../src/journal/read-logs.ts';
import type { FlowError } from '../../../src/model/errors.ts';
import type { Position } from '../../../src/model/ids.ts';
import type { LogStream } from '../../../src/model/ports/executor.ts';

const AT = 1_700_000_000_000;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-logs-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const attempt = (position = '3.r2', number = 1): LogFilesOf => ({
  dir,
  step: 'work',
  position: position as Position,
  attempt: number,
});

async function writeAll(
  of: LogFilesOf,
  writes: readonly (readonly [LogStream, string, number?])[],
) {
  const files = openLogFiles(of);
  for (const [stream, text, atMs = AT] of writes) {
    await files.write(stream, Buffer.from(text), atMs);
  }
  expect(await files.close()).toBeUndefined();
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

async function readAll(of: LogFilesOf) {
  const chunks = [];
  for await (const { stream, atMs, bytes } of readLogFiles(of)) {
    chunks.push({ stream, atMs, text: bytes.toString() });
  }
  return chunks;
}

describe('the log files of an attempt', () => {
  it('are not made for an attempt that prints nothing', async () => {
    await writeAll(attempt(), [['stdout', '']]);
    expect(existsSync(join(dir, 'logs'))).toBe(false);
    expect(await readAll(attempt())).toEqual([]);
    expect(await tailLogFiles(attempt(), 5)).toEqual([]);
  });

  it('hold the bytes of each stream untouched, whatever they are', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    const files = openLogFiles(attempt());
    await files.write('stdout', bytes, AT);
    await files.close();
    expect(readFileSync(logFilePath(attempt(), 'out')).equals(bytes)).toBe(true);
    for await (const chunk of readLogFiles(attempt())) {
      expect(chunk).toEqual({ stream: 'stdout', atMs: AT, bytes });
    }
    expect(existsSync(logFilePath(attempt(), 'err'))).toBe(false);
  });

  it('give both streams back in the order in which they were written, with their times', async () => {
    await writeAll(attempt(), [
      ['stdout', 'one\n', AT],
      ['stderr', 'two\n', AT],
      ['stdout', 'three\n', AT + 5],
    ]);
    expect(await readAll(attempt())).toEqual([
      { stream: 'stdout', atMs: AT, text: 'one\n' },
      { stream: 'stderr', atMs: AT, text: 'two\n' },
      { stream: 'stdout', atMs: AT + 5, text: 'three\n' },
    ]);
  });

  it('lose and reorder nothing in any sequence of writes', async () => {
    const anyWrite = fc.tuple(
      fc.constantFrom<LogStream>('stdout', 'stderr'),
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.integer({ min: AT, max: AT + 3 }),
    );
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyWrite, { maxLength: 30 }), async (writes) => {
        number += 1;
        const of = attempt('0', number);
        await writeAll(of, writes);
        const merged = (pieces: readonly (readonly [string, string])[]) =>
          pieces.reduce<[string, string][]>((all, [stream, text]) => {
            const last = all.at(-1);
            if (last?.[0] === stream) last[1] += text;
            else all.push([stream, text]);
            return all;
          }, []);
        const read = await readAll(of);
        expect(merged(read.map(({ stream, text }) => [stream, text] as const))).toEqual(
          merged(writes.map(([stream, text]) => [stream, text] as const)),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('show what was written before a kill although the index does not name it yet', async () => {
    await writeAll(attempt(), [['stdout', 'known\n']]);
    writeFileSync(logFilePath(attempt(), 'out'), 'late\n', { flag: 'a' });
    writeFileSync(logFilePath(attempt(), 'err'), 'oops\n');
    expect((await readAll(attempt())).map(({ text }) => text)).toEqual([
      'known\n',
      'late\n',
      'oops\n',
    ]);
  });

  it('are read to where they are by now, also a stream that begins while they are read', async () => {
    const files = openLogFiles(attempt());
    const cursor = new LogCursor(attempt());
    await files.write('stdout', Buffer.from('first\n'), AT);
    await expect.poll(() => sizeOf(logFilePath(attempt(), 'idx'))).toBe(16);
    const reading = cursor.read({ isOver: false });
    expect((await reading.next()).value).toMatchObject({ stream: 'stdout' });
    await files.write('stderr', Buffer.from('second\n'), AT + 1);
    await files.close();
    const { value } = await reading.next();
    expect(value).toEqual({ stream: 'stderr', atMs: AT + 1, bytes: Buffer.from('second\n') });
  });

  it('go on where they stopped when an attempt is placed again', async () => {
    await writeAll(attempt(), [['stdout', 'one\n']]);
    await writeAll(attempt(), [['stdout', 'two\n', AT + 1]]);
    expect((await readAll(attempt())).map(({ text }) => text)).toEqual(['one\n', 'two\n']);
  });

  it('are listed by step, position and attempt', async () => {
    await writeAll(attempt('3.r2', 1), [['stdout', 'a']]);
    await writeAll(attempt('3.r2', 2), [['stderr', 'b']]);
    writeFileSync(join(dir, 'logs', 'work', 'notes.txt'), 'not ours');
    expect(await listLogFiles(dir)).toEqual([attempt('3.r2', 1), attempt('3.r2', 2)]);
  });

  it('are for their owner only', async () => {
    await writeAll(attempt(), [['stdout', 'secret']]);
    const path = logFilePath(attempt(), 'out');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  it('report at once, and at the end, what could not be written, and never throw', async () => {
    writeFileSync(join(dir, 'logs'), 'a file where the folder should be');
    const told: FlowError[] = [];
    const files = openLogFiles(attempt(), (error) => told.push(error));
    await files.write('stdout', Buffer.from('lost'), AT);
    const failure = await files.close();
    expect(failure).toMatchObject({ code: 'LOG_NOT_WRITABLE' });
    expect(told).toEqual([failure]);
  });

  it('ask their writer to wait when the disk is behind', async () => {
    const files = openLogFiles(attempt());
    const wait = files.write('stdout', Buffer.alloc(2 << 20), AT);
    expect(wait).toBeInstanceOf(Promise);
    await wait;
    expect(files.write('stdout', Buffer.from('small'), AT)).toBeUndefined();
    await files.close();
  });
});

describe('the last lines of an attempt', () => {
  it('are found from the end, over both streams', async () => {
    const many = Array.from({ length: 500 }, (_, n) => ['stdout', `line ${n}\n`, AT + n] as const);
    await writeAll(attempt(), [
      ...many,
      ['stderr', 'bad\r\n', AT + 500],
      ['stdout', 'end', AT + 501],
    ]);
    expect(await tailLogFiles(attempt(), 3)).toEqual([
      { stream: 'stdout', atMs: AT + 499, text: 'line 499' },
      { stream: 'stderr', atMs: AT + 500, text: 'bad' },
      { stream: 'stdout', atMs: AT + 501, text: 'end' },
    ]);
  });

  it('are whole although they came in pieces', async () => {
    await writeAll(attempt(), [
      ['stdout', 'a\nhal', AT],
      ['stderr', 'x\n', AT],
      ['stdout', 'f\n', AT + 1],
    ]);
    expect((await tailLogFiles(attempt(), 2)).map(({ text }) => text)).toEqual(['x', 'half']);
  });

  it('are at most a megabyte of a line without an end', async () => {
    await writeAll(attempt(), [['stdout', 'x'.repeat(3 << 20)]]);
    const [line] = await tailLogFiles(attempt(), 1);
    expect(line?.text).toHaveLength(1 << 20);
  });
});
