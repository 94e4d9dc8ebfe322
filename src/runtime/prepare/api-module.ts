import type { Plugin } from 'esbuild';

/** What the bundler calls it. */
export const API_MODULE = 'millrace:api';

const API = "globalThis[Symbol.for('millrace.api')]";

/** Maps the bare import `millrace` to the copy that the worker offers, so that there is only one. */
export function apiModule(names: readonly string[]): Plugin {
  const lines = names.map((name) => `export const ${name} = api.${name};`);
  const contents = `const api = ${API};\n${lines.join('\n')}\n`;
  return {
    name: 'millrace-api',
    setup(build) {
      build.onResolve({ filter: /^millrace$/ }, () => ({ path: 'api', namespace: 'millrace' }));
      build.onLoad({ filter: /^api$/, namespace: 'millrace' }, () => ({ contents, loader: 'js' }));
    },
  };
}
