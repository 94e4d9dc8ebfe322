import { createRequire } from 'node:module';
import type * as Esbuild from 'esbuild';

export type Bundler = Pick<typeof Esbuild, 'build'>;

// Not `import()`: Node would first scan the whole library for its export names, which costs three
// times as much as loading it.
const require = createRequire(import.meta.url);

let users = 0;

/**
 * Lends the bundler. Its service is a process of its own, which ends with the last use: a run of
 * hours must not carry it along.
 */
export async function withBundler<T>(use: (bundler: Bundler) => Promise<T>): Promise<T> {
  const esbuild: typeof Esbuild = require('esbuild');
  users += 1;
  try {
    return await use(esbuild);
  } finally {
    users -= 1;
    if (users === 0) await esbuild.stop();
  }
}
