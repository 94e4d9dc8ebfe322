import { createRequire } from 'node:module';
import type * as Esbuild from 'esbuild';

const require = createRequire(import.meta.url);

export interface LoweredModule {
  readonly code: string;
  /** As JSON. */
  readonly map: string;
}

const TYPESCRIPT = /\.[cm]?tsx?$/;

/** Whether tests need the file to be lowered: TypeScript of the user's own. */
export function isLowerable(path: string): boolean {
  return TYPESCRIPT.test(path) && !path.includes('/node_modules/');
}

/**
 * One TypeScript module as JavaScript that every supported Node runs, decorators lowered as `flow run`
 * lowers them: by the standard, whatever a tsconfig says of them.
 */
export async function lowerDecorators(text: string, path: string): Promise<LoweredModule> {
  const esbuild: typeof Esbuild = require('esbuild');
  return esbuild.transform(text, {
    sourcefile: path,
    loader: path.endsWith('x') ? 'tsx' : 'ts',
    target: 'node20.19',
    sourcemap: 'external',
    keepNames: true,
    charset: 'utf8',
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
  });
}
