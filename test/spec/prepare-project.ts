import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { type FlowError, isFlowError } from '../../src/model/errors.ts';
import { prepareFlow } from '../../src/runtime/prepare/prepare-flow.ts';
import type { PreparedFlow } from '../../src/runtime/prepare/prepared-flow.ts';

/** Of this test file; gone after it. */
export const home = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-prepare-')));

afterAll(() => rmSync(home, { recursive: true, force: true }));

export type Files = { readonly [path: string]: string };

/** A new folder with these files; a text that starts with `->` makes a symbolic link. */
export async function project(files: Files, parent = 'project-'): Promise<string> {
  const root = await mkdtemp(join(home, parent));
  for (const [path, text] of Object.entries({ 'package.json': '{}', ...files })) {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    if (text.startsWith('->')) await symlink(text.slice(2), full);
    else await writeFile(full, text);
  }
  return root;
}

export function prepare(root: string, file = 'flow.ts', codeRoot = join(root, '.millrace/code')) {
  return prepareFlow({ file, cwd: root, codeRoot });
}

const run = promisify(execFile);

const LOADER = `
  globalThis[Symbol.for('millrace.api')] = { FlowSpec: class FlowSpec {}, step: () => {} };
  const loaded = await import(process.argv[1]);
  process.stdout.write(JSON.stringify(await (loaded.result ?? loaded.default.result)));
`;

/** What the prepared module exports as `result`, read in a process of its own, elsewhere. */
export async function resultOf(prepared: PreparedFlow): Promise<unknown> {
  const { href } = pathToFileURL(prepared.bundlePath);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', LOADER, href], {
    cwd: home,
  });
  return JSON.parse(stdout);
}

export async function evaluate(files: Files, file?: string): Promise<unknown> {
  return resultOf(await prepare(await project(files), file));
}

export async function failure(files: Files, file?: string): Promise<FlowError> {
  const root = await project(files);
  const error: unknown = await prepare(root, file).catch((thrown: unknown) => thrown);
  if (!isFlowError(error)) throw new Error('expected a FlowError', { cause: error });
  return error;
}

/** The files of an installed package. */
export function installed(
  id: `${string}@${string}`,
  files: Files,
  at: string = 'node_modules',
): Files {
  const [name, version] = id.split('@');
  const all = { 'package.json': JSON.stringify({ name, version }), ...files };
  return Object.fromEntries(
    Object.entries(all).map(([path, text]) => [`${at}/${name}/${path}`, text]),
  );
}
