import { dirname, resolve } from 'node:path';
import type { BuildOptions, BuildResult } from 'esbuild';
import { API_NAMES } from '../../model/api-names.ts';
import { type AddedDecorator, entryWithDecorators } from './added-decorators.ts';
import { apiModule } from './api-module.ts';
import { parseAddedError, parseError } from './build-problems.ts';
import { type Bundler, withBundler } from './bundler.ts';
import { externalImports } from './external-imports.ts';
import { fileValues } from './file-values.ts';
import { Placeholders } from './placeholders.ts';

/**
 * What a bundle is. Node sets up a part of its own for a module, which takes longer than all else in
 * loading a small flow; a module is needed where the code imports packages, or awaits at its top level.
 */
export type BundleFormat = 'cjs' | 'esm';

/** The user's code as one portable file: no path in it depends on where the project lies. */
export interface Bundle {
  readonly format: BundleFormat;
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
  return withBundler(
    async (bundler) => (await tryAsCommonJs(request, bundler)) ?? build(request, bundler, 'esm'),
  );
}

/** Undefined where the code needs a module, or is wrong: the second look tells what is wrong. */
async function tryAsCommonJs(
  request: BundleRequest,
  bundler: Bundler,
): Promise<Bundle | undefined> {
  try {
    return await build(request, bundler, 'cjs');
  } catch {
    return undefined;
  }
}

async function build(
  request: BundleRequest,
  bundler: Bundler,
  format: BundleFormat,
): Promise<Bundle> {
  const { file, root } = request;
  const placeholders = new Placeholders(root);
  const options = {
    ...outputOptions(root),
    ...entryOptions(request),
    format,
    banner: { js: requireFrom(placeholders.forFile('url', file), format) },
    plugins: [
      apiModule(API_NAMES),
      externalImports(placeholders, { importsPackages: format === 'esm' }),
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
    format,
    text: withoutUnused(options.banner.js, textOf(result.outputFiles, 'js')),
    mapText: textOf(result.outputFiles, 'js.map'),
    placeholders,
    inputs: userFiles(Object.keys(result.metafile.inputs), root),
  };
}

/** The module that stands before the flow where decorators are added to it. */
const ADDED_ENTRY = 'millrace-with.mjs';

function entryOptions({ file, root, with: added }: BundleRequest) {
  if (added.length === 0) return { entryPoints: [file] };
  const contents = entryWithDecorators(file, added, root);
  const resolveDir = dirname(file);
  return { stdin: { contents, resolveDir, sourcefile: ADDED_ENTRY, loader: 'js' } } as const;
}

/** CommonJS files of the user's call `require`, which finds what it would find from where they lie. */
function requireFrom(url: string, format: BundleFormat): string {
  return format === 'cjs'
    ? `"use strict"; require = require("node:module").createRequire("${url}");`
    : `import { createRequire as __millraceCreateRequire } from "node:module"; const require = __millraceCreateRequire("${url}");`;
}

/** Most flows call no `require`, and to make one takes a task a while. Lines keep their numbers. */
function withoutUnused(banner: string, text: string): string {
  const rest = text.slice(banner.length);
  return text.startsWith(banner) && !/\brequire\b/.test(rest) ? `"use strict";${rest}` : text;
}

function outputOptions(root: string) {
  return {
    absWorkingDir: root,
    outfile: resolve(root, 'flow.js'),
    bundle: true,
    write: false,
    metafile: true,
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
