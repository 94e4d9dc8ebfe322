import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../base/json.ts';
import { shellWord } from '../../base/shell-word.ts';
import { FlowError } from '../../model/errors.ts';
import { VERSION } from '../../model/version.ts';
import type { CommandInput, CommandResult } from '../command.ts';

const TEMPLATES = fileURLToPath(new URL('../../../templates', import.meta.url));

/** `flow new`: the folder is made aside and appears complete, or not at all. */
export async function newProject({ words, options, host }: CommandInput): Promise<CommandResult> {
  const template = options.choice('template', ['minimal', 'foreach', 'branches']) ?? 'minimal';
  const named = words[0] ?? '';
  const folder = resolve(host.cwd, named);
  const name = packageName(basename(folder));
  refuseTaken(folder, named);
  const aside = join(dirname(folder), `.${name}-${randomUUID()}`);
  try {
    mkdirSync(aside);
    cpSync(join(TEMPLATES, template), aside, { recursive: true });
    for (const [file, text] of projectFiles(name)) writeFileSync(join(aside, file), text);
    renameSync(aside, folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw new FlowError(`${named} cannot be made`, {
      code: 'PROJECT_NOT_WRITABLE',
      hint: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
  return {
    kind: 'data',
    data: { folder, template },
    text: (colors) =>
      [
        `${colors.green('✓')} ${named} is made, from the template ${template}`,
        '',
        `  cd ${shellWord(named)}`,
        '  npm install',
        '  npx flow run flow.ts',
      ].join('\n'),
  };
}

function refuseTaken(folder: string, named: string): void {
  if (existsSync(folder)) {
    throw new FlowError(`${named} is there already, and nothing in it is changed`, {
      code: 'PROJECT_EXISTS',
      hint: 'choose another name, or move it away',
    });
  }
  if (existsSync(dirname(folder))) return;
  throw new FlowError(`the folder around ${named} is not there`, {
    code: 'PROJECT_PARENT_MISSING',
    hint: `make it first: mkdir -p ${shellWord(dirname(named))}`,
  });
}

/** The part of a folder's name that npm accepts. */
function packageName(folderName: string): string {
  const name = folderName
    .toLowerCase()
    .replace(/[^a-z\d._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '');
  if (name !== '' && name !== 'millrace') return name;
  throw new FlowError(`"${folderName}" cannot be the name of a project`, {
    code: 'PROJECT_NAME_INVALID',
    hint: 'take letters, digits and dashes, and not the name millrace',
  });
}

function projectFiles(name: string): readonly (readonly [string, string])[] {
  return [
    ['package.json', jsonText(packageJson(name))],
    ['tsconfig.json', jsonText(TSCONFIG)],
    ['.gitignore', 'node_modules/\n.millrace/\n'],
  ];
}

function packageJson(name: string): JsonObject {
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: { start: 'flow run flow.ts', check: 'flow check flow.ts && tsc -p .' },
    dependencies: { millrace: `^${VERSION}` },
    devDependencies: { '@types/node': '^20.19.0', typescript: '~6.0.3' },
  };
}

const TSCONFIG: JsonObject = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable', 'esnext.decorators'],
    module: 'nodenext',
    types: ['node'],
    noEmit: true,
    // Node reads TypeScript by the names of the files.
    allowImportingTsExtensions: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
  },
  include: ['*.ts'],
};

function jsonText(value: JsonObject): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
