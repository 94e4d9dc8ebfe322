import { existsSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlowClass } from '../client/flow-types.ts';
import { FlowError } from '../model/errors.ts';
import { locateClass } from './locate-class.ts';

/**
 * The file of a flow class: the module that it was written in or, where that was a cell, a file that
 * holds the whole cell, so that every task can load it. It lies in `folder`, under a hidden name, since
 * the cell's imports are meant relative to there.
 *
 * @throws FlowError `CELL_UNKNOWN`, `CELL_AWAITS`, `CELL_NOT_ALONE`.
 */
export function fileOfClass(flow: FlowClass, folder: string): string {
  const script = locateClass(flow);
  if (script === undefined) {
    throw new FlowError(`Nobody knows where the class ${flow.name} was defined.`, {
      code: 'CELL_UNKNOWN',
      hint: 'write the flow into a file, and give that file',
    });
  }
  const module = moduleFile(script.url);
  if (module !== undefined) return module;
  const file = join(folder, `.${flow.name}.cell.cjs`);
  writeFileSync(file, moduleText(flow.name, script.text));
  return file;
}

/** Kernels compile the TypeScript files that cells import, and run them under a name with `.js`. */
function moduleFile(url: string): string | undefined {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  if (!isAbsolute(path)) return undefined;
  const base = path.replace(/\.[cm]?js$/, '');
  const sources = ['.ts', '.mts', '.cts'].map((extension) => base + extension);
  return [...sources, path].find((file) => existsSync(file));
}

/** Kernels wrap a cell into a function, so that its declarations may be made again. */
const WRAPPED = /^\((async )?function ?\(exports, require\) ?\{([^]*)\}\)\([^()]*\)\s*;?\s*$/;

function moduleText(flow: string, script: string): string {
  const [, awaits, inside = script] = WRAPPED.exec(script) ?? [];
  if (awaits !== undefined) {
    throw new FlowError(`The cell of ${flow} has an await outside of its steps.`, {
      code: 'CELL_AWAITS',
      hint: 'give the flow a cell of its own, without await at its top level',
    });
  }
  if (/\bnew\s+[\w$.]*NotebookRunner\s*\(/.test(inside)) {
    throw new FlowError(`The cell of ${flow} also runs it, and every task would do that again.`, {
      code: 'CELL_NOT_ALONE',
      hint: 'give the flow a cell of its own, and run it in the next one',
    });
  }
  return `${inside.trim()}\nexports.${flow} ??= ${flow};\n`;
}
