import { readFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import type { Loader, OnLoadResult, Plugin } from 'esbuild';
import type { Bundler } from './bundler.ts';
import type { Placeholders } from './placeholders.ts';

const MENTIONS_ITS_PLACE = /import\.meta|__dirname|__filename/;

const VALUES = '__millraceFile';

/**
 * Gives each bundled file the `import.meta` and `__dirname` that it would have had by itself. Only
 * files that mention them pay the second parse, which is a real one: text in strings and comments
 * stays as it is, and lines keep their place through the source map.
 */
export function fileValues(bundler: Bundler, placeholders: Placeholders): Plugin {
  return {
    name: 'millrace-file-values',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!MENTIONS_ITS_PLACE.test(source)) return undefined;
        return loadWithValues(path, bundler, placeholders);
      });
    },
  };
}

async function loadWithValues(
  path: string,
  bundler: Bundler,
  placeholders: Placeholders,
): Promise<OnLoadResult> {
  const result = await bundler.build({
    entryPoints: [path],
    absWorkingDir: dirname(path),
    outfile: `${path}.js`,
    bundle: false,
    write: false,
    target: 'esnext',
    charset: 'utf8',
    sourcemap: 'inline',
    logLevel: 'silent',
    define: {
      'import.meta': VALUES,
      'import.meta.url': `${VALUES}.url`,
      'import.meta.dirname': `${VALUES}.dirname`,
      'import.meta.filename': `${VALUES}.filename`,
      __dirname: `${VALUES}.dirname`,
      __filename: `${VALUES}.filename`,
    },
    banner: { js: declaration(path, placeholders) },
  });
  return { contents: result.outputFiles[0]?.text ?? '', loader: loaderOf(path) };
}

function declaration(path: string, placeholders: Placeholders): string {
  const url = placeholders.forFile('url', path);
  const filename = placeholders.forFile('path', path);
  const folder = placeholders.forFile('path', dirname(path));
  return `var ${VALUES} = { url: "${url}", filename: "${filename}", dirname: "${folder}" };`;
}

/** Still TypeScript, for its leniency about re-exported types. */
function loaderOf(path: string): Loader {
  return /^\.[cm]?tsx?$/.test(extname(path)) ? 'ts' : 'js';
}
