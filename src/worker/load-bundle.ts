import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { importModule } from './import-module.ts';

/** The exports of a prepared flow, which is CommonJS where it can be. */
export async function loadBundle(path: string): Promise<object> {
  return path.endsWith('.cjs') ? createRequire(path)(path) : importModule(pathToFileURL(path).href);
}

const loaded = new Map<string, number>();

/**
 * Node evaluates a file once in a process, but each run begins with modules that nothing has happened
 * to.
 */
export async function loadBundleAnew(path: string): Promise<object> {
  if (path.endsWith('.cjs')) {
    delete createRequire(path).cache[path];
    return loadBundle(path);
  }
  const times = loaded.get(path) ?? 0;
  loaded.set(path, times + 1);
  const url = pathToFileURL(path);
  if (times > 0) url.search = `run=${times}`;
  return importModule(url.href);
}
