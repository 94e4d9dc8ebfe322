import { runCached } from '../process/child/run-cached.ts';

/** Told by the build: of all programs in this folder. */
declare const PROGRAM_DIGEST: string;

// What it is used for is between its parent and us.
const [use = 'task'] = process.argv.splice(2);
const loaded = new Map<string, unknown>();
/** Node refuses its `import()` in code that was kept. */
const IMPORTS = './import-module.cjs';

/** A file beside this one is loaded once, and as a program of its own; anything else is Node's. */
function load(id: string): unknown {
  if (!id.startsWith('./') || id === IMPORTS) return require(id);
  if (!loaded.has(id)) {
    const file = `${__dirname}/${id.slice(2)}`;
    loaded.set(id, runCached({ file, digest: PROGRAM_DIGEST, use, require: load }));
  }
  return loaded.get(id);
}

/** What Node runs first in a child: the program beside it. */
load('./worker-program.cjs');
