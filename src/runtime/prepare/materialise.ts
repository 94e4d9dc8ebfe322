import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Hash } from '../../model/ids.ts';
import { hashBytes } from '../../store/hash.ts';
import { asStoreError, errnoOf } from '../../store/store-errors.ts';
import type { Bundle } from './bundle-flow.ts';

export interface Place {
  readonly codeRoot: string;
  readonly hash: Hash;
  readonly root: string;
}

const ENDINGS = { cjs: 'cjs', esm: 'mjs' } as const;

export interface Placed {
  readonly path: string;
  readonly text: string;
  readonly mapText: string;
}

/**
 * Writes `<hash>/bundle.cjs` (portable) and `<hash>/<digest of its paths>/flow.cjs` (what is run), or
 * `.mjs` for what has to be a module.
 * Each file appears whole, by a rename, and never changes after: runs may do this side by side.
 */
export async function materialise(bundle: Bundle, place: Place): Promise<Placed> {
  const folder = join(place.codeRoot, place.hash);
  const paths = `${place.root}\n${bundle.placeholders.describe()}`;
  const digest = hashBytes(Buffer.from(paths)).slice(0, 16);
  const ending = ENDINGS[bundle.format];
  const path = join(folder, digest, `flow.${ending}`);
  const filled = bundle.placeholders.fill(bundle.text);
  const text = `${filled}//# sourceMappingURL=flow.${ending}.map\n`;
  const mapText = withRealSources(bundle.mapText, place.root);
  const files = new Map([
    [join(folder, `bundle.${ending}`), bundle.text],
    [`${path}.map`, mapText],
    [path, text],
  ]);
  await placeAll(folder, dirname(path), files);
  return { path, text, mapText };
}

/** The same for code that is one file, which nobody runs from there. */
export async function placeCode(folder: string, file: string, text: string): Promise<string> {
  const path = join(folder, file);
  await placeAll(folder, folder, new Map([[path, text]]));
  return path;
}

async function placeAll(
  folder: string,
  innerFolder: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  while (!(await placeFiles(folder, innerFolder, files))) {
    // Taken away as garbage between a look and a write: once more.
  }
}

/** False if the folder went away meanwhile. Its time says that somebody needs it: see the gc. */
async function placeFiles(
  folder: string,
  innerFolder: string,
  files: ReadonlyMap<string, string>,
): Promise<boolean> {
  await mkdir(innerFolder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw asStoreError(error, innerFolder);
  });
  try {
    await Promise.all([...files].map(([path, text]) => writeOnce(path, text)));
    const now = new Date();
    await utimes(folder, now, now);
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw asStoreError(error, folder);
    return false;
  }
}

/** Sources in the portable map are URLs relative to the project; who reads the map needs whole ones. */
function withRealSources(mapText: string, root: string): string {
  const map: { sources: readonly string[] } = JSON.parse(mapText);
  const base = `${pathToFileURL(root).href}/`;
  const sources = map.sources.map((source) => new URL(source, base).href);
  return JSON.stringify({ ...map, sources });
}

async function writeOnce(path: string, text: string): Promise<void> {
  if (existsSync(path)) return;
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
