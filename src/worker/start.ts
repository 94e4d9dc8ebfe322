import { runCached } from '../process/child/run-cached.ts';

/** Told by the build: of all programs in this folder. */
declare const PROGRAM_DIGEST: string;

const loaded = new Map<string, unknown>();

/** Node refuses its `import()` in code that was kept. */
const IMPORTS = './import-module.cjs';

/** A file beside this one is loaded once, and as a program of its own; anything else is Node's. */
function load(id: string): unknown {
  if (!id.startsWith('./') || id === IMPORTS) return require(id);
  if (!loaded.has(id)) {
    const file = `${__dirname}/${id.slice(2)}`;
    loaded.set(id, runCached({ file, digest: PROGRAM_DIGEST, require: load, isTypical }));
  }
  return loaded.get(id);
}

/** What the first child of a run compiles is more than others need, and not what they need. */
function isTypical(exports: unknown): boolean {
  const tells: unknown = Reflect.get(Object(exports), 'wasOnlyTask');
  return typeof tells !== 'function' || tells() === true;
}

/** What Node runs first in a child: the program beside it. */
load('./worker-program.cjs');
