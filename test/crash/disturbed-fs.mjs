// Loaded before the program (NODE_OPTIONS=--import …): counts what it changes on the disk below one
// folder, and there kills the process, or lets the disk fail, at a given number. A test sets
// DISTURB to JSON: { role: 'scheduler' | 'task', folder, at?, when?, fail?, countFile? }.
import fs, { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

const plan = JSON.parse(process.env.DISTURB ?? '{}');
const program = process.argv[1] ?? '';
const role = program.endsWith('main.cjs')
  ? 'scheduler'
  : program.endsWith('worker.cjs')
    ? 'task'
    : '';

if (role !== '' && role === plan.role) await disturb();

async function disturb() {
  const paths = new Map();
  const append = appendFileSync;
  let count = 0;
  let isInside = false;

  const isOurs = (target) => {
    const path = typeof target === 'number' ? paths.get(target) : String(target);
    return path !== undefined && path.startsWith(plan.folder);
  };

  // Between two changes of one turn nothing comes from outside.
  let turn = 0;
  let isTurnKnown = false;
  const note = (what) => {
    if (plan.countFile === undefined) return;
    if (!isTurnKnown) {
      turn += 1;
      isTurnKnown = true;
      setImmediate(() => {
        isTurnKnown = false;
      });
    }
    append(plan.countFile, `${JSON.stringify({ ...what, turn })}\n`);
  };

  const before = (name, target) => {
    // What one call of Node's does inside of another is one change.
    if (isInside || !isOurs(target)) return undefined;
    count += 1;
    note({ begun: count, name });
    // What is removed needs no room.
    if (plan.fail !== undefined && count >= plan.at && !name.startsWith('rm'))
      throw failure(plan.fail, name);
    if (plan.at === count && plan.when === 'before') die();
    return count;
  };
  const after = (number) => {
    if (number === undefined) return;
    note({ done: number });
    if (plan.at === number && plan.when === 'after') die();
  };

  for (const name of [
    'writeSync',
    'fsyncSync',
    'renameSync',
    'mkdirSync',
    'writeFileSync',
    'ftruncateSync',
    'rmSync',
  ]) {
    const original = fs[name];
    fs[name] = (target, ...rest) => {
      const number = before(name, name === 'renameSync' ? rest[0] : target);
      const wasInside = isInside;
      isInside = true;
      try {
        return original(target, ...rest);
      } finally {
        isInside = wasInside;
        after(number);
      }
    };
  }

  const { openSync, fsync } = fs;
  fs.openSync = (path, ...rest) => {
    const fd = openSync(path, ...rest);
    paths.set(fd, String(path));
    return fd;
  };
  fs.fsync = (fd, done) => {
    let number;
    try {
      number = before('fsync', fd);
    } catch (error) {
      process.nextTick(done, error);
      return;
    }
    fsync(fd, (error) => {
      after(number);
      done(error);
    });
  };

  const { promises } = fs;
  const probe = await promises.open(fileURLToPath(import.meta.url));
  const handles = Object.getPrototypeOf(probe);
  await probe.close();
  const { open } = promises;
  promises.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    paths.set(handle.fd, String(path));
    return handle;
  };
  const wrapAsync = (object, name, targetOf) => {
    const original = object[name];
    object[name] = async function (...all) {
      const number = before(name, targetOf(this, all));
      try {
        return await original.apply(this, all);
      } finally {
        after(number);
      }
    };
  };
  for (const name of ['rename', 'mkdir', 'writeFile', 'rm']) {
    wrapAsync(promises, name, (_, [path, to]) => (name === 'rename' ? to : path));
  }
  for (const name of ['write', 'writev', 'appendFile', 'sync', 'truncate']) {
    wrapAsync(handles, name, (handle) => handle.fd);
  }
  syncBuiltinESMExports();
}

function die() {
  process.kill(process.pid, 'SIGKILL');
}

function failure(code, name) {
  return Object.assign(new Error(`${code}: injected, ${name}`), {
    code,
    errno: -28,
    syscall: name,
  });
}
