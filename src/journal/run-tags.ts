import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, FlowError } from '../model/errors.ts';
import type { TagChange } from '../model/tags.ts';
import { errnoOf } from './errno.ts';
import { remedyFor } from './remedy-for.ts';

/**
 * Tags that change after a run began. The journal has one writer, the scheduler; anybody may tag, at
 * any time. So changes have a file of their own, to which each writer appends one line with one write:
 * the kernel puts such writes one after the other, no lock can be left behind, and none is lost.
 */
const TAGS_FILE = 'tags.ndjson';

/** Throws FlowError `STORE_NOT_WRITABLE`. */
export function appendTagChange(dir: string, change: TagChange): void {
  const path = join(dir, TAGS_FILE);
  try {
    const descriptor = openSync(path, 'a', 0o600);
    try {
      // Begins on a new line even after one that a full disk has cut.
      writeSync(descriptor, `\n${JSON.stringify(change)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new FlowError(`The tags of the run cannot be written to ${path}: ${errnoOf(error)}.`, {
      code: 'STORE_NOT_WRITABLE',
      hint: remedyFor(error, 'free space there or make the folder writable'),
      exitCode: EXIT.notStarted,
      cause: error,
    });
  }
}

/** In the order in which they were made. A line that was cut was never acknowledged, and is passed over. */
export function readTagChanges(dir: string): readonly TagChange[] {
  let text: string;
  try {
    text = readFileSync(join(dir, TAGS_FILE), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => parseChange(line) ?? []);
}

function parseChange(line: string): TagChange | undefined {
  if (line === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isChange(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isChange(value: unknown): value is TagChange {
  return (
    typeof value === 'object' &&
    value !== null &&
    'at' in value &&
    typeof value.at === 'number' &&
    ['add', 'remove'].every((key) => isTextList(Reflect.get(value, key)))
  );
}

function isTextList(value: unknown): boolean {
  return (
    value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string'))
  );
}
