import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

export interface Program {
  /** A CommonJS file of ours. */
  readonly file: string;
  /** Of its text: code of another build is never taken for its own. */
  readonly digest: string;
  /** What it is used for, where that decides which of its functions are called. */
  readonly use?: string;
  /** What it loads others with. */
  readonly require: NodeJS.Require;
}

/**
 * Runs a program with the code that V8 made of it in an earlier process, which halves what it takes to
 * load it and spares each function its first compilation. It lies beside the program, as far as that
 * folder can be written. Node's own compile cache would do, but is not in every Node that we run on.
 */
export function runCached({ file, digest, use = 'any', require }: Program): void {
  const name = [basename(file, '.cjs'), use, digest, process.version, process.arch].join('-');
  const cache = join(dirname(file), '../cache', name);
  const cachedData = readIfThere(cache);
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
  const script = new Script(text, { filename: file, cachedData });
  if (isUsual() && (cachedData === undefined || script.cachedDataRejected === true)) {
    process.once('exit', (code) => {
      if (code <= WORTH_KEEPING) keep(cache, script);
    });
  }
  const start: unknown = script.runInThisContext();
  if (typeof start === 'function') start({}, require, {}, file, dirname(file));
}

/** A program that ended with a higher code may have done nothing of what it usually does. */
const WORTH_KEEPING = 1;

/** V8 refuses what it made under other options; so those of a few do not take turns with the usual ones. */
function isUsual(): boolean {
  return process.execArgv.length === 0 && process.env['NODE_OPTIONS'] === undefined;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** At the end the functions that were called are compiled, too. That it cannot be kept is no harm. */
function keep(path: string, script: Script): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(draft, 'wx');
    writeFileSync(fd, script.createCachedData());
    // V8 trusts the bytes: half of them, after a power cut, would take every process along.
    fsyncSync(fd);
    closeSync(fd);
    renameSync(draft, path);
  } catch {
    // The next process tries again.
  }
}
