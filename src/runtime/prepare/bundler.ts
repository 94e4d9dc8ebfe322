import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Esbuild from 'esbuild';
import { InternalError } from '../../model/errors.ts';
import { runCached } from '../../process/child/run-cached.ts';
import { hashBytes } from '../../store/hash.ts';

export type Bundler = Pick<typeof Esbuild, 'build'>;
type Library = Bundler & Pick<typeof Esbuild, 'stop'>;

let library: Library | undefined;
let users = 0;

/**
 * Lends the bundler. Its service is a process of its own, which ends with the last use: a run of
 * hours must not carry it along.
 */
export async function withBundler<T>(use: (bundler: Bundler) => Promise<T>): Promise<T> {
  library ??= loadLibrary();
  users += 1;
  try {
    return await use(library);
  } finally {
    users -= 1;
    if (users === 0) await library.stop();
  }
}

/**
 * With code that was kept: to compile the library takes longer than to bundle a flow. Nor by `import()`: Node
 * would first scan all of it for its export names, which takes three times as long again.
 */
function loadLibrary(): Library {
  const file = createRequire(import.meta.url).resolve('esbuild');
  const text = readFileSync(file, 'utf8');
  const digest = hashBytes(Buffer.from(text)).slice(0, 16);
  const loaded = runCached({ file, text, digest, require: createRequire(file) });
  if (!isLibrary(loaded)) throw new InternalError(`${file} exports no build()`);
  return loaded;
}

function isLibrary(value: unknown): value is Library {
  return typeof value === 'object' && value !== null && 'build' in value && 'stop' in value;
}
