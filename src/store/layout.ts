import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FlowError } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import { asStoreError, errnoOf } from './store-errors.ts';

export const STORE_FORMAT = 1;

const STORE_FOLDER = '.millrace';

/** Where things are in a store. Paths only: nothing is made by asking. */
export interface StoreLayout {
  readonly root: string;
  /** For files on their way to their place: on the same file system, so that a rename is enough. */
  readonly tmpDir: string;
  readonly flowsDir: string;
  flowDir(flow: string): string;
  runDir(flow: string, run: RunId): string;
  /** Single tasks that were run again, laid out as runs; none of them is a run. */
  readonly spinsDir: string;
  spinDir(flow: string): string;
  /** Each prepared flow under its hash. */
  readonly codeDir: string;
}

export interface FindStore {
  readonly cwd: string;
  /** `--store`, relative to `cwd`. */
  readonly option?: string;
  readonly env: { readonly [name: string]: string | undefined };
}

/**
 * The folder of the store, which need not exist: the option, else `MILLRACE_STORE`, else the nearest
 * `.millrace` upwards, else a `.millrace` beside the nearest package.json, else one in `cwd`.
 */
export function findStore({ cwd, option, env }: FindStore): string {
  const named = option ?? (env['MILLRACE_STORE'] || undefined);
  if (named !== undefined) return resolve(cwd, named);
  const folder = nearestWith(cwd, STORE_FOLDER) ?? nearestWith(cwd, 'package.json') ?? resolve(cwd);
  return join(folder, STORE_FOLDER);
}

/**
 * Opens a store for reading, or makes what is missing of it. Throws FlowError `STORE_MISSING` (not
 * there, and `create` is false), `STORE_FORMAT_NEWER`, `STORE_NOT_WRITABLE`.
 */
export function openStore(root: string, { create }: { readonly create: boolean }): StoreLayout {
  checkFormat(root, create);
  if (create) createStore(root);
  return storeLayout(root);
}

export function storeLayout(root: string): StoreLayout {
  const flowsDir = join(root, 'flows');
  const flowDir = (flow: string): string => join(flowsDir, flow);
  return {
    root,
    tmpDir: join(root, 'tmp'),
    flowsDir,
    flowDir,
    spinsDir: join(root, 'spins'),
    spinDir: (flow) => join(root, 'spins', flow),
    runDir: (flow, run) => join(flowDir(flow), run),
    codeDir: join(root, 'code'),
  };
}

function nearestWith(start: string, name: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function checkFormat(root: string, create: boolean): void {
  const path = join(root, 'format.json');
  const text = readIfThere(path);
  if (text === undefined) {
    if (create || existsSync(root)) return;
    throw new FlowError(`There is no store at ${root}.`, {
      code: 'STORE_MISSING',
      hint: 'run a flow first, or name the store with --store or MILLRACE_STORE',
    });
  }
  const format = formatOf(text);
  if (format === undefined || format > STORE_FORMAT) throw unknownFormat(path, format);
}

function readIfThere(path: string): string | undefined {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    throw asStoreError(error, path);
  }
}

function formatOf(text: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('format' in parsed)) return undefined;
    return typeof parsed.format === 'number' ? parsed.format : undefined;
  } catch {
    return undefined;
  }
}

function unknownFormat(path: string, format: number | undefined): FlowError {
  if (format === undefined) {
    return new FlowError(`${path} does not say which format the store has.`, {
      code: 'STORE_FORMAT_UNKNOWN',
      hint: `restore it as {"format": ${STORE_FORMAT}}, or name another store with --store`,
    });
  }
  return new FlowError(
    `The store at ${dirname(path)} has format ${format}; this Millrace knows formats up to ${STORE_FORMAT}.`,
    { code: 'STORE_FORMAT_NEWER', hint: 'update millrace, or name another store with --store' },
  );
}

function createStore(root: string): void {
  try {
    const { tmpDir, flowsDir } = storeLayout(root);
    for (const folder of [root, tmpDir, flowsDir, join(root, 'blobs')]) makeFolder(folder);
    writeOnce(join(root, '.gitignore'), '*\n');
    writeOnce(join(root, 'format.json'), `${JSON.stringify({ format: STORE_FORMAT })}\n`);
  } catch (error) {
    throw asStoreError(error, root);
  }
}

/** Node's own way tries forever where the system says of a folder below one that is there: no such folder. */
function makeFolder(path: string): void {
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another run may make it, too.
    if (errnoOf(error) !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/** Two runs may make the store at once: each writes the same, and readers see all of it or nothing. */
function writeOnce(path: string, content: string): void {
  if (existsSync(path)) return;
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}
