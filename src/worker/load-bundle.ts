import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction, constants } from 'node:vm';
import { importModule } from './import-module.ts';

/** The exports of a prepared flow, which is CommonJS where it can be. */
export async function loadBundle(path: string): Promise<object> {
  return path.endsWith('.cjs') ? evaluate(path) : importModule(pathToFileURL(path).href);
}

const loaded = new Map<string, number>();

/**
 * Node imports a file once in a process, but each run begins with modules that nothing has happened
 * to.
 */
export async function loadBundleAnew(path: string): Promise<object> {
  if (path.endsWith('.cjs')) return evaluate(path);
  const times = loaded.get(path) ?? 0;
  loaded.set(path, times + 1);
  const url = pathToFileURL(path);
  if (times > 0) url.search = `run=${times}`;
  return importModule(url.href);
}

/** As Node's own loader does it, which resolves the path first, and that takes longer. */
function evaluate(path: string): object {
  const names = ['exports', 'require', 'module', '__filename', '__dirname'];
  const run = compileFunction(readFileSync(path, 'utf8'), names, {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  const require = (id: string): unknown => createRequire(path)(id);
  run.call(module.exports, module.exports, require, module, path, dirname(path));
  return module.exports;
}
