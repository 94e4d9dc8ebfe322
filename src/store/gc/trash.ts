import type { Dirent } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hash } from '../../model/ids.ts';
import { isHash } from '../hash.ts';
import { asStoreError, errnoOf } from '../store-errors.ts';

/**
 * What nobody can reach leaves the store in two steps: into the trash by a rename, then for good
 * after a second look. A writer that needs a blob sets its modification time before it says so; so
 * whatever was needed again before the rename shows it, and after the rename the writer finds nothing
 * and writes anew. No lock is needed, and no run has to wait.
 */
export interface Garbage {
  readonly kind: 'blob' | 'code';
  readonly hash: Hash;
  readonly path: string;
  readonly bytes: number;
}

/** Everything last needed before `before` (ms since the epoch) that is not in `reachable`. */
export async function* findGarbage(
  root: string,
  { reachable, before }: { readonly reachable: ReadonlySet<string>; readonly before: number },
): AsyncGenerator<Garbage> {
  for (const place of [...(await blobsOf(root)), ...(await codeOf(root))]) {
    if (reachable.has(place.hash)) continue;
    const found = await stat(place.path).catch(ignoreAbsent);
    if (found === undefined || found.mtimeMs >= before) continue;
    const bytes = place.kind === 'blob' ? found.size : await folderBytes(place.path);
    yield { ...place, bytes };
  }
}

/** Moves it into the trash. False if somebody needed it since it was found: then it stays. */
export async function moveToTrash(
  root: string,
  { path, kind, hash }: Garbage,
  before: number,
): Promise<boolean> {
  const away = join(root, TRASH, `${kind}-${hash}`);
  try {
    await mkdir(join(root, TRASH), { recursive: true, mode: 0o700 });
    await rm(away, { recursive: true, force: true });
    await rename(path, away);
    if ((await stat(away)).mtimeMs < before) return true;
    await rename(away, path);
    return false;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw asStoreError(error, path);
  }
}

/** The second look: what can be reached now goes back, all else goes for good. */
export async function emptyTrash(root: string, reachable: ReadonlySet<string>): Promise<void> {
  for (const { name } of await entriesOf(join(root, TRASH))) {
    const away = join(root, TRASH, name);
    const [kind = '', hash = ''] = name.split('-');
    if (isHash(hash) && reachable.has(hash)) await restore(root, away, { kind, hash });
    else await rm(away, { recursive: true, force: true });
  }
}

/** What a writer that was killed left half done. */
export async function removeLeftovers(root: string, before: number): Promise<void> {
  for (const { name } of await entriesOf(join(root, 'tmp'))) {
    const path = join(root, 'tmp', name);
    const found = await stat(path).catch(ignoreAbsent);
    if (found !== undefined && found.mtimeMs < before)
      await rm(path, { recursive: true, force: true });
  }
}

const TRASH = 'trash';

/** What was written anew meanwhile is as good. */
async function restore(
  root: string,
  away: string,
  { kind, hash }: { readonly kind: string; readonly hash: Hash },
): Promise<void> {
  const path = kind === 'code' ? join(root, 'code', hash) : blobPath(root, hash);
  try {
    await rename(away, path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw asStoreError(error, path);
    await rm(away, { recursive: true, force: true });
  }
}

type Place = Omit<Garbage, 'bytes'>;

async function blobsOf(root: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const folder of await entriesOf(join(root, 'blobs'))) {
    for (const { name } of await entriesOf(join(root, 'blobs', folder.name))) {
      if (isHash(name)) places.push({ kind: 'blob', hash: name, path: blobPath(root, name) });
    }
  }
  return places;
}

async function codeOf(root: string): Promise<Place[]> {
  return (await entriesOf(join(root, 'code'))).flatMap(({ name }) =>
    isHash(name) ? [{ kind: 'code' as const, hash: name, path: join(root, 'code', name) }] : [],
  );
}

function blobPath(root: string, hash: Hash): string {
  return join(root, 'blobs', hash.slice(0, 2), hash);
}

async function folderBytes(path: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += (await stat(join(entry.parentPath, entry.name)).catch(ignoreAbsent))?.size ?? 0;
  }
  return bytes;
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return [];
    throw asStoreError(error, path);
  }
}

function ignoreAbsent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
  return undefined;
}
