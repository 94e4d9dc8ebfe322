import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, FlowError } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import type { Client } from './client.ts';
import { isAlive } from './keep-rules.ts';
import type { RunReference } from './run-reference.ts';
import type { RunSummary } from './run-summary.ts';

/** Throws FlowError `RUN_ALIVE` if somebody still writes the run, or takes results over from it. */
export async function requireDeletable(client: Client, run: RunReference): Promise<void> {
  const summary = client.summary(run);
  if (isAlive(summary)) throw alive(summary, 'it still runs');
  for await (const other of client.findRuns({ flow: run.flow })) {
    if (other.origin === run.run && isAlive(other)) {
      throw alive(summary, `the run ${other.run} is resuming it`);
    }
  }
}

/** Its artifacts go with the next `flow gc`. Throws FlowError `RUN_ALIVE` if a resume has begun meanwhile. */
export async function deleteRun(client: Client, run: RunReference): Promise<void> {
  const [deleted] = await deleteRuns(client, [run]);
  if (deleted === undefined) throw alive(client.summary(run), 'a run is resuming it');
}

/**
 * Each goes in one rename, so that no reader sees half a run. Then comes the look for resumes: one that
 * has said where it goes on from is seen here, and its run is put back; one that says it later sees
 * that the run is not there, and does not start. Returns those that were deleted.
 */
export async function deleteRuns<R extends RunReference>(
  client: Client,
  runs: readonly R[],
): Promise<readonly R[]> {
  const moved: R[] = [];
  let deleted: readonly R[] = [];
  try {
    for (const run of runs) {
      await move(client, run, 'away');
      moved.push(run);
    }
  } finally {
    deleted = await removeUnused(client, moved);
  }
  return deleted;
}

async function removeUnused<R extends RunReference>(
  client: Client,
  moved: readonly R[],
): Promise<readonly R[]> {
  if (moved.length === 0) return [];
  const inUse = new Set<RunId | undefined>();
  for await (const other of client.findRuns()) if (isAlive(other)) inUse.add(other.origin);
  const deleted: R[] = [];
  for (const run of moved) {
    if (inUse.has(run.run)) await move(client, run, 'back');
    else {
      await guarded(run, () => rm(awayOf(client, run), { recursive: true, force: true }));
      deleted.push(run);
    }
  }
  return deleted;
}

function move(client: Client, run: RunReference, where: 'away' | 'back'): Promise<void> {
  const away = awayOf(client, run);
  return guarded(run, () => (where === 'away' ? rename(run.dir, away) : rename(away, run.dir)));
}

function awayOf({ root }: Client, { run }: RunReference): string {
  return join(root, 'tmp', `deleted-${run}`);
}

async function guarded({ run, dir }: RunReference, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new FlowError(`The run ${run} cannot be deleted at ${dir}.`, {
      code: 'STORE_NOT_WRITABLE',
      hint: 'make the store writable, and try again',
      exitCode: EXIT.failed,
      cause: error,
    });
  }
}

function alive({ flow, run, host }: RunSummary, why: string): FlowError {
  return new FlowError(`The run ${flow}/${run} cannot be deleted: ${why}.`, {
    code: 'RUN_ALIVE',
    hint:
      host === undefined
        ? 'wait for its end, or end it with flow cancel'
        : `it is held by ${host}: delete it there`,
    exitCode: EXIT.failed,
  });
}
