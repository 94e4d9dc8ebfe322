import type * as Esbuild from 'esbuild';

export type Bundler = Pick<typeof Esbuild, 'build'>;

let users = 0;

/**
 * Lends the bundler. Its service is a process of its own, which ends with the last use: a run of
 * hours must not carry it along.
 */
export async function withBundler<T>(use: (bundler: Bundler) => Promise<T>): Promise<T> {
  users += 1;
  const esbuild = await import('esbuild');
  try {
    return await use(esbuild);
  } finally {
    users -= 1;
    if (users === 0) await esbuild.stop();
  }
}
