import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { Script } from 'node:vm';

export interface Program {
  /** A CommonJS file. */
  readonly file: string;
  /** Default: it is read. */
  readonly text?: string;
  /** Of its text: code of another build is never taken for its own. */
  readonly digest: string;
  /** What it is used for, where that decides which of its functions are called. */
  readonly use?: string;
  /** What it loads others with. */
  readonly require: (id: string) => unknown;
}

/**
 * Runs a program with the code that V8 made of it in an earlier process, which halves what it takes to
 * load it and spares each function its first compilation. It lies in the temporary folder, as that of
 * Node's own compile cache, which is not in every Node that we run on. Returns the program's exports.
 */
export function runCached(program: Program): unknown {
  const { file, digest, use = 'any', require } = program;
  const { text = readFileSync(file, 'utf8') } = program;
  // V8 keeps the file's path, too: stacks would name another copy of the package.
  const place = `${file.replaceAll(sep, '+')}-`;
  const name = place + [use, digest, process.version, process.arch].join('-');
  // Not by join(): it reads a path character by character, which V8 even optimises in each process.
  const cache = `${TEMPORARY}/millrace-compiled-${process.getuid?.() ?? 'all'}/${name}`;
  const cachedData = readIfThere(cache);
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  const script = new Script(wrapped, { filename: file, cachedData });
  const module = { exports: {} };
  if (isUsual() && (cachedData === undefined || script.cachedDataRejected === true)) {
    process.once('exit', (code) => {
      if (code > WORTH_KEEPING) return;
      keep(cache, script);
      forgetOthers(dirname(cache), { place, digest });
    });
  }
  const start: unknown = script.runInThisContext();
  if (typeof start === 'function') start(module.exports, require, module, file, dirname(file));
  return module.exports;
}

/** As `os.tmpdir()`, whose module takes a process longer to load than this file. */
const { TMPDIR, TMP, TEMP } = process.env;
const TEMPORARY = TMPDIR || TMP || TEMP || '/tmp';

/** A program that ended with a higher code may have done nothing of what it usually does. */
const WORTH_KEEPING = 1;

/** V8 refuses what it made under other options; so those of a few do not take turns with the usual ones. */
function isUsual(): boolean {
  return process.execArgv.length === 0 && process.env['NODE_OPTIONS'] === undefined;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    requireOwn(dirname(path));
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** What lies there is run: nobody else may have put it there. */
function requireOwn(folder: string): void {
  const { uid, mode } = lstatSync(folder);
  const isOwn = uid === process.getuid?.() && (mode & OTHERS_WRITE) === 0;
  if (!isOwn) throw new Error(`${folder} is not only ours`);
}

const OTHERS_WRITE = 0o022;

/** At the end the functions that were called are compiled, too. That it cannot be kept is no harm. */
function keep(path: string, script: Script): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    requireOwn(dirname(path));
    writeDraft(draft, script.createCachedData());
    renameSync(draft, path);
  } catch {
    // The next process tries again.
  }
}

const UNUSED_FOR_MS = 30 * 24 * 3_600_000;

/** What an earlier build of this program left, and what nobody has read for a month. */
function forgetOthers(folder: string, { place, digest }: { place: string; digest: string }): void {
  try {
    const oldestMs = Date.now() - UNUSED_FOR_MS;
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const isReplaced = name.startsWith(place) && !name.includes(`-${digest}-`);
      if (isReplaced || lastUsedMs(path) < oldestMs) rmSync(path, { force: true });
    }
  } catch {
    // Somebody else does it, or the next one.
  }
}

function lastUsedMs(path: string): number {
  const { atimeMs, mtimeMs } = statSync(path);
  return Math.max(atimeMs, mtimeMs);
}

function writeDraft(draft: string, bytes: Buffer): void {
  const fd = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(fd, bytes);
    // V8 trusts the bytes: half of them, after a power cut, would take every process along.
    fsyncSync(fd);
  } catch (error) {
    // Each process has a draft of its own: on a full disk they would add up.
    rmSync(draft);
    throw error;
  } finally {
    closeSync(fd);
  }
}
