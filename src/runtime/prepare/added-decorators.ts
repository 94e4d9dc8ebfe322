import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Json } from '../../base/json.ts';
import { didYouMean } from '../../base/suggest.ts';
import { FlowError } from '../../model/errors.ts';

/** `--with module:name`: a custom step decorator for every step that has none of its name. */
export interface AddedDecorator {
  /** An absolute path, or the name of a package as an import would write it. */
  readonly module: string;
  /** What the module exports it as. */
  readonly name: string;
  readonly options?: Json;
}

/** True for what names a file and not a package. */
export function isFilePath(module: string): boolean {
  return /^\.{0,2}\//.test(module) || /\.[cm]?[jt]sx?$/.test(module);
}

/** The absolute path of a file; a package's name as it is. Throws FlowError if there is no such file. */
export function resolveModule(module: string, cwd: string): string {
  if (!isFilePath(module)) return module;
  const path = resolve(cwd, module);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  throw new FlowError(`--with names ${module}, and there is no such file`, {
    code: 'WITH_INVALID',
    hint: didYouMean(basename(path), namesIn(dirname(path))) ?? `looked at ${path}`,
  });
}

/** What the entry of such a bundle exports, for the worker: the flow's module, and what is added. */
export function entryWithDecorators(
  file: string,
  added: readonly AddedDecorator[],
  root: string,
): string {
  const imports = added.map(
    ({ module }, index) => `import * as with${index} from ${JSON.stringify(module)};`,
  );
  // Paths are named relative to the project, so that they do not change the digest.
  const entries = added.map(({ module, name, options }, index) => {
    const from = isAbsolute(module) ? relative(root, module) : module;
    const given = options === undefined ? '' : `, options: ${JSON.stringify(options)}`;
    return `{ module: with${index}, from: ${JSON.stringify(from)}, name: ${JSON.stringify(name)}${given} }`;
  });
  return [
    `import * as flow from ${JSON.stringify(file)};`,
    ...imports,
    `export const millraceFlow = flow;`,
    `export const millraceWith = [${entries.join(', ')}];`,
  ].join('\n');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
