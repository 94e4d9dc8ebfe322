import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TaskId, taskPath } from '../model/ids.ts';
import { errnoOf } from './errno.ts';
import { journalPath } from './read.ts';
import { replaceFile } from './run-directory.ts';

/**
 * A derived file beside the journal, deletable at any time: where each task's last line is, and what
 * joins do not inherit. With it one artifact of a 100,000-task run is read without a fold.
 */
export interface RunIndex {
  /** The offset in the journal of the task's result; undefined: it left none. */
  offsetOf(task: TaskId): number | undefined;
  /** The names that some input of the join changed. */
  droppedAt(join: TaskId): readonly string[] | undefined;
}

/** Positions and offsets by step, in step with each other: compact, and quick to parse. */
export interface IndexFile {
  readonly format: typeof INDEX_FORMAT;
  /** Of the journal that was indexed. */
  readonly journalBytes: number;
  readonly steps: { readonly [step: string]: StepIndex };
  readonly joins: { readonly [path: string]: readonly string[] };
}

export interface StepIndex {
  readonly positions: string[];
  readonly offsets: number[];
}

export const INDEX_FORMAT = 1;

export function indexPath(dir: string): string {
  return join(dir, 'index.json');
}

/** The index if there is one that fits the journal as it is now. */
export function readRunIndex(dir: string): RunIndex | undefined {
  const file = readIndexFile(dir);
  return file === undefined ? undefined : new FileIndex(file);
}

/** The same as it is written. */
export function readIndexFile(dir: string): IndexFile | undefined {
  try {
    const file: unknown = JSON.parse(readFileSync(indexPath(dir), 'utf8'));
    if (!isIndexFile(file) || file.journalBytes !== statSync(journalPath(dir)).size)
      return undefined;
    return file;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Beside the journal that it was made of. */
export function writeRunIndex(dir: string, file: IndexFile): void {
  replaceFile(indexPath(dir), JSON.stringify(file));
}

class FileIndex implements RunIndex {
  readonly #file: IndexFile;

  constructor(file: IndexFile) {
    this.#file = file;
  }

  offsetOf({ step, position }: TaskId): number | undefined {
    const index = own(this.#file.steps, step);
    return index?.offsets[index.positions.indexOf(position)];
  }

  droppedAt(task: TaskId): readonly string[] | undefined {
    return own(this.#file.joins, taskPath(task));
  }
}

function own<T>(record: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isIndexFile(value: unknown): value is IndexFile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === INDEX_FORMAT &&
    'journalBytes' in value &&
    'steps' in value &&
    'joins' in value
  );
}
