import { isAbsolute, relative } from 'node:path';

/** Relative to the working directory where the file lies inside it. */
export function shortenPath(file: string, cwd: string): string {
  if (!isAbsolute(file)) return file;
  const short = relative(cwd, file);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? file : short;
}
