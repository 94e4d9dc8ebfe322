import type { RunId } from '../model/ids.ts';
import { emptyTrash, findGarbage, moveToTrash, removeLeftovers } from '../store/gc/trash.ts';
import type { Client } from './client.ts';
import { reachableHashes } from './reachable.ts';
import type { RunReference } from './run-reference.ts';

export interface Collection {
  readonly blobs: number;
  readonly codes: number;
  readonly bytes: number;
}

export interface CollectOptions {
  /** Milliseconds since the epoch: what somebody needed later than that stays. */
  readonly before: number;
  /** Only says what would go. */
  readonly dryRun: boolean;
  /** Runs that count as deleted already. */
  readonly without?: ReadonlySet<RunId>;
}

/** A writer names what it wrote in its journal long before that. */
export const YOUNGEST_GARBAGE_MS = 24 * 3_600_000;

/**
 * Removes what no run of the store can reach. Runs may start, go on and end meanwhile. Throws
 * FlowError `STORE_NOT_WRITABLE`.
 */
export async function collectGarbage(
  client: Client,
  { before, dryRun, without }: CollectOptions,
): Promise<Collection> {
  const found = { blobs: 0, codes: 0, bytes: 0 };
  const runs = (await everyJournal(client)).filter(({ run }) => without?.has(run) !== true);
  const reachable = await reachableHashes(runs, client.blobs);
  for await (const garbage of findGarbage(client.root, { reachable, before })) {
    if (!dryRun && !(await moveToTrash(client.root, garbage, before))) continue;
    if (garbage.kind === 'blob') found.blobs += 1;
    else found.codes += 1;
    found.bytes += garbage.bytes;
  }
  if (dryRun) return found;
  await emptyTrash(client.root, await reachableHashes(await everyJournal(client), client.blobs));
  await removeLeftovers(client.root, before);
  return found;
}

async function everyJournal(client: Client): Promise<RunReference[]> {
  return [...(await client.references()), ...(await client.spins())];
}
