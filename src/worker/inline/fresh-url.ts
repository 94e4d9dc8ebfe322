import { pathToFileURL } from 'node:url';

const loaded = new Map<string, number>();

/**
 * Node evaluates a module once in a process, but each run begins with modules that nothing has
 * happened to.
 */
export function freshUrl(path: string): string {
  const times = loaded.get(path) ?? 0;
  loaded.set(path, times + 1);
  const url = pathToFileURL(path);
  if (times > 0) url.search = `run=${times}`;
  return url.href;
}
