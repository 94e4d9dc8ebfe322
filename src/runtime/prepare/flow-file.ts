import { readdirSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { didYouMean } from '../../base/suggest.ts';
import { FlowError } from '../../model/errors.ts';

const EXTENSIONS: readonly string[] = [
  '.ts',
  '.mts',
  '.cts',
  '.tsx',
  '.js',
  '.mjs',
  '.cjs',
  '.jsx',
];

/** The real path of the file that a person named. Throws FlowError if it cannot be a flow file. */
export async function findFlowFile(file: string, cwd: string): Promise<string> {
  const path = resolve(cwd, file);
  const kind = await kindOf(path, file);
  if (kind === 'missing') {
    throw new FlowError(`there is no file ${file}`, {
      code: 'FLOW_FILE_MISSING',
      hint: didYouMean(basename(path), flowFilesIn(dirname(path))) ?? `looked at ${path}`,
    });
  }
  if (kind === 'folder') {
    throw new FlowError(`${file} is a folder, not a flow file`, {
      code: 'FLOW_FILE_IS_FOLDER',
      hint: folderHint(flowFilesIn(path)),
    });
  }
  if (!EXTENSIONS.includes(extname(path))) {
    throw new FlowError(`${file} is no flow file by its name`, {
      code: 'FLOW_FILE_TYPE',
      hint: `a flow file ends in one of ${EXTENSIONS.join(', ')}`,
    });
  }
  return realpath(path);
}

async function kindOf(path: string, file: string): Promise<'file' | 'folder' | 'missing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    throw new FlowError(`${file} cannot be read (${code})`, {
      code: 'FLOW_FILE_UNREADABLE',
      hint: 'check the permissions of the file and of its folders',
      cause,
    });
  }
}

function flowFilesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => EXTENSIONS.includes(extname(name)));
  } catch {
    return [];
  }
}

function folderHint(names: readonly string[]): string {
  if (names.length === 0) return 'name a file that exports a flow';
  return `name one of its files: ${names.slice(0, 5).join(', ')}`;
}
