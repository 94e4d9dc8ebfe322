import { journalTexts } from '../journal/read.ts';
import { isFlowError } from '../model/errors.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import { decodeEntries } from '../store/files/directory-entries.ts';
import { isHash } from '../store/hash.ts';
import type { RunReference } from './run-reference.ts';

/**
 * Every hash that some journal names, those of live runs too, and the files of the directories among
 * them. It reads text, not events: what a newer version wrote, or a damaged line still says, counts.
 */
export async function reachableHashes(
  runs: readonly RunReference[],
  blobs: BlobStore,
): Promise<Set<string>> {
  const reachable = new Set<string>();
  const directories = new Set<string>();
  for (const { dir } of runs) {
    for (const text of textsOf(dir)) {
      const hashes = text.match(/[0-9a-f]{64}/g) ?? [];
      for (const hash of hashes) reachable.add(hash);
      if (!text.includes('"directory"')) continue;
      for (const hash of hashes) directories.add(hash);
    }
  }
  for (const hash of directories) {
    for (const file of await filesOf(hash, blobs)) reachable.add(file);
  }
  return reachable;
}

/** A run that was killed before its first event, or deleted meanwhile, names nothing. */
function* textsOf(dir: string): Generator<string> {
  try {
    yield* journalTexts(dir);
  } catch (error) {
    if (!isFlowError(error) || error.code !== 'JOURNAL_MISSING') throw error;
  }
}

/** Most of the hashes beside a directory's are no directories. */
async function filesOf(hash: string, blobs: BlobStore): Promise<readonly string[]> {
  if (!isHash(hash)) return [];
  try {
    const entries = decodeEntries(await blobs.get(hash)) ?? [];
    return entries.flatMap((entry) => (entry.kind === 'file' ? [entry.hash] : []));
  } catch {
    return [];
  }
}
