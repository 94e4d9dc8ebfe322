import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, FlowError } from '../model/errors.ts';
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

/** In one rename, so that no reader sees half a run. Its artifacts go with the next `flow gc`. */
export async function deleteRun(client: Client, { dir, run }: RunReference): Promise<void> {
  const away = join(client.root, 'tmp', `deleted-${run}`);
  try {
    await rename(dir, away);
    await rm(away, { recursive: true, force: true });
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
