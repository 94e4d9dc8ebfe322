import { isBuiltin } from 'node:module';
import { extname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImportKind, OnResolveArgs, OnResolveResult, Plugin, ResolveResult } from 'esbuild';
import type { PlaceholderForm, Placeholders } from './placeholders.ts';

/** Marks our own questions to the resolver. */
const ASKED = Symbol('asked');

/** Node cannot import these from node_modules by itself; so they go into the bundle. */
const BUNDLED_ANYWHERE: readonly string[] = ['.json', '.ts', '.mts', '.cts', '.tsx', '.jsx'];

interface Imports {
  /** False where the bundle is to be CommonJS: a package could then not be imported as its author means. */
  readonly importsPackages: boolean;
}

/**
 * Decides, file by file, what belongs to the bundle: everything whose real path is outside
 * node_modules. The rest stays where it is installed, found from the file that imports it.
 */
export function externalImports(placeholders: Placeholders, { importsPackages }: Imports): Plugin {
  return {
    name: 'millrace-externals',
    setup(build) {
      const ask = (path: string, args: OnResolveArgs, kind: ImportKind): Promise<ResolveResult> =>
        build.resolve(path, {
          kind,
          importer: args.importer,
          namespace: args.namespace,
          resolveDir: args.resolveDir,
          with: args.with,
          pluginData: ASKED,
        });
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (!isOurs(args)) return undefined;
        if (isBuiltin(args.path)) return { path: withNodePrefix(args.path), external: true };
        const path = args.path.startsWith('file:') ? fileURLToPath(args.path) : args.path;
        let found = await ask(path, args, args.kind);
        // A package may offer itself to require() only; Node would refuse it, a person expects it.
        if (found.errors.length > 0 && args.kind !== 'require-call') {
          found = await ask(path, args, 'require-call');
        }
        if (found.errors.length > 0) return undefined;
        const placed = place(found, args.kind, placeholders);
        const isImport = args.kind === 'import-statement' && placed?.external === true;
        return isImport && !importsPackages ? { errors: [{ text: 'a package' }] } : placed;
      });
    },
  };
}

function isOurs(args: OnResolveArgs): boolean {
  return (
    args.pluginData !== ASKED && args.kind !== 'entry-point' && !/^(data|https?):/.test(args.path)
  );
}

function place(
  found: ResolveResult,
  kind: ImportKind,
  placeholders: Placeholders,
): OnResolveResult | undefined {
  if (found.external || found.namespace !== 'file') return undefined;
  const form: PlaceholderForm = kind.startsWith('require') ? 'path' : 'url';
  if (staysInstalled(found.path)) {
    return { path: placeholders.forPackageFile(form, found.path), external: true };
  }
  if (extname(found.path) === '.node' || kind === 'require-resolve') {
    return { path: placeholders.forFile(form, found.path), external: true };
  }
  const { path, namespace, suffix, sideEffects } = found;
  return { path, namespace, suffix, sideEffects };
}

function staysInstalled(path: string): boolean {
  return path.includes(`${sep}node_modules${sep}`) && !BUNDLED_ANYWHERE.includes(extname(path));
}

function withNodePrefix(path: string): string {
  return path.startsWith('node:') ? path : `node:${path}`;
}
