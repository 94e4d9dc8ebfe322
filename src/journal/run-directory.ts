import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FlowError } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import type { Clock } from '../model/ports/clock.ts';
import { createRunId, RUN_ID_RANDOM_BYTES } from '../model/run-id.ts';
import { errnoOf } from './errno.ts';
import { remedyFor } from './remedy-for.ts';

export const RUN_FORMAT = 1;

const HEADER = 'run.json';

/** `run.json`: what can be said of a run before its first event, so that a listing opens no journal. */
export interface RunHeader {
  readonly format: typeof RUN_FORMAT;
  readonly run: RunId;
  readonly flow: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The run that it is about to go on from: whoever deletes runs leaves that one alone. */
  readonly origin?: RunId;
}

export interface RunDirectory {
  readonly run: RunId;
  readonly dir: string;
}

/**
 * Makes `<flowDir>/<run>` and its header. The exclusive mkdir decides who owns an id: on a collision
 * the other run keeps it and this one draws again. Throws FlowError `STORE_NOT_WRITABLE`.
 */
export function createRunDirectory(
  flowDir: string,
  clock: Clock,
  { origin }: Pick<RunHeader, 'origin'> = {},
): RunDirectory {
  try {
    mkdirSync(flowDir, { recursive: true, mode: 0o700 });
    for (;;) {
      const createdAt = clock.now();
      const run = createRunId(createdAt, randomBytes(RUN_ID_RANDOM_BYTES));
      const dir = join(flowDir, run);
      if (!makeExclusively(dir)) continue;
      const flow = basename(flowDir);
      const header = {
        format: RUN_FORMAT,
        run,
        flow,
        createdAt,
        ...(origin && { origin }),
      } as const;
      replaceFile(join(dir, HEADER), headerText(header));
      return { run, dir };
    }
  } catch (error) {
    throw new FlowError(`The run cannot be made in ${flowDir}: ${errnoOf(error)}.`, {
      code: 'STORE_NOT_WRITABLE',
      hint: remedyFor(
        error,
        'free space there or make the folder writable, or name another store with --store',
      ),
      cause: error,
    });
  }
}

/** Where the run goes on from, before its first event says it. */
export function readHeaderOrigin(dir: string): RunId | undefined {
  try {
    const { origin }: Partial<RunHeader> = JSON.parse(readFileSync(join(dir, HEADER), 'utf8'));
    return origin;
  } catch {
    // A header that cannot be read is the affair of fsck.
    return undefined;
  }
}

function headerText(header: RunHeader): string {
  return `${JSON.stringify(header, undefined, 2)}\n`;
}

function makeExclusively(dir: string): boolean {
  try {
    mkdirSync(dir, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Readers see the old file or the new one, never half of one. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}
