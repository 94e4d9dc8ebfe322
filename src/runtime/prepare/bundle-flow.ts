import { dirname, resolve } from 'node:path';
import type { BuildOptions, BuildResult } from 'esbuild';
import { API_NAMES } from '../../model/api-names.ts';
import { type AddedDecorator, entryWithDecorators } from './added-decorators.ts';
import { apiModule } from './api-module.ts';
import { parseAddedError, parseError } from './build-problems.ts';
import { withBundler } from './bundler.ts';
import { externalImports } from './external-imports.ts';
import { fileValues } from './file-values.ts';
import { Placeholders } from './placeholders.ts';

/** The user's code as one portable module: no path in it depends on where the project lies. */
export interface Bundle {
  readonly text: string;
  /** Its source map, as JSON; sources are relative to the project's root. */
  readonly mapText: string;
  readonly placeholders: Placeholders;
  readonly inputs: readonly string[];
}

export interface BundleRequest {
  readonly file: string;
  readonly root: string;
  readonly with: readonly AddedDecorator[];
}

/** Throws FlowError with all problems at once where the code cannot be bundled. */
export function bundleFlow(request: BundleRequest): Promise<Bundle> {
  const { file, root } = request;
  return withBundler(async (bundler) => {
    const placeholders = new Placeholders(root);
    const options = {
      ...outputOptions(file, root, placeholders),
      ...entryOptions(request),
      plugins: [
        apiModule(API_NAMES),
        externalImports(placeholders),
        fileValues(bundler, placeholders),
      ],
    };
    let result: BuildResult<typeof options>;
    try {
      result = await bundler.build(options);
    } catch (error) {
      throw parseAddedError(error, ADDED_ENTRY) ?? parseError(error, file, root);
    }
    return {
      text: textOf(result.outputFiles, '.mjs'),
      mapText: textOf(result.outputFiles, '.mjs.map'),
      placeholders,
      inputs: userFiles(Object.keys(result.metafile.inputs), root),
    };
  });
}

/** The module that stands before the flow where decorators are added to it. */
const ADDED_ENTRY = 'millrace-with.mjs';

function entryOptions({ file, root, with: added }: BundleRequest) {
  if (added.length === 0) return { entryPoints: [file] };
  const contents = entryWithDecorators(file, added, root);
  const resolveDir = dirname(file);
  return { stdin: { contents, resolveDir, sourcefile: ADDED_ENTRY, loader: 'js' } } as const;
}

function outputOptions(file: string, root: string, placeholders: Placeholders) {
  return {
    absWorkingDir: root,
    outfile: resolve(root, 'flow.mjs'),
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Only the conditions that Node itself sets: a bundler's `module` may name other code.
    conditions: [],
    // Class names are flow names; a second class of one name must keep it.
    keepNames: true,
    charset: 'utf8',
    sourcemap: 'external',
    sourcesContent: true,
    logLevel: 'silent',
    logLimit: 0,
    loader: { '.txt': 'text' },
    // CommonJS files of the user's call `require`, which a module does not have.
    banner: {
      js: `import { createRequire as __millraceCreateRequire } from "node:module"; const require = __millraceCreateRequire("${placeholders.forFile('url', file)}");`,
    },
  } as const satisfies BuildOptions;
}

function textOf(files: readonly { path: string; text: string }[], ending: string): string {
  return files.find(({ path }) => path.endsWith(ending))?.text ?? '';
}

function userFiles(inputs: readonly string[], root: string): readonly string[] {
  return inputs
    .filter((input) => !input.startsWith('millrace:') && input !== ADDED_ENTRY)
    .map((input) => resolve(root, input))
    .toSorted();
}
