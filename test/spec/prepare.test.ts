import { readdirSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  evaluate,
  type Files,
  home,
  installed,
  prepare,
  project,
  resultOf,
} from './prepare-project.ts';

describe('a prepared flow finds', () => {
  it('the packages of its project, with the store outside of it', async () => {
    const root = await project({
      'flow.ts': `import tell from 'teller'; export const result: string = tell();`,
      ...installed('teller@1.2.3', { 'index.js': `module.exports = () => __dirname` }),
    });
    const store = join(await mkdtemp(join(home, 'store-')), 'code');
    const prepared = await prepare(root, 'flow.ts', store);
    expect(prepared.bundlePath.startsWith(store)).toBe(true);
    expect(await resultOf(prepared)).toBe(join(root, 'node_modules/teller'));
  });

  it('packages that pnpm linked, each with the dependencies that it was given', async () => {
    const store = 'node_modules/.pnpm';
    expect(
      await evaluate({
        'flow.ts': `import { version } from 'outer'; export const result = version;`,
        ...installed(
          'outer@1.0.0',
          {
            'package.json':
              '{"name":"outer","version":"1.0.0","type":"module","exports":"./main.js"}',
            'main.js': `export { version } from 'inner';`,
          },
          `${store}/outer@1.0.0/node_modules`,
        ),
        ...installed(
          'inner@2.0.0',
          {
            'package.json':
              '{"name":"inner","version":"2.0.0","type":"module","exports":"./main.js"}',
            'main.js': `export const version = 'inner 2';`,
          },
          `${store}/inner@2.0.0/node_modules`,
        ),
        'node_modules/outer': '->.pnpm/outer@1.0.0/node_modules/outer',
        [`${store}/outer@1.0.0/node_modules/inner`]: '->../../inner@2.0.0/node_modules/inner',
      }),
    ).toBe('inner 2');
  });

  it('a TypeScript package of its workspace, and what that package imports from its own place', async () => {
    expect(
      await evaluate(
        {
          'apps/etl/package.json': '{"name":"etl"}',
          'apps/etl/flow.ts': `import { label } from '@acme/shared'; export const result = label('x');`,
          'apps/etl/node_modules/@acme/shared': '->../../../../packages/shared',
          'packages/shared/package.json': '{"name":"@acme/shared","exports":"./src/index.ts"}',
          'packages/shared/src/index.ts': `
            import only from 'only-here';
            export const label = (text: string): string => text + only satisfies string;`,
          ...installed(
            'only-here@1.0.0',
            { 'index.js': `module.exports = '!'` },
            'packages/shared/node_modules',
          ),
        },
        'apps/etl/flow.ts',
      ),
    ).toBe('x!');
  });

  it('a data file beside it, by import.meta, whole or in parts, and by URL', async () => {
    const root = await project({
      'src/flow.mts': `
        import { readFileSync } from 'node:fs';
        import { near } from './lib/near.ts';
        const { filename } = import.meta;
        const text = 'import.meta.url is not touched in a string'; // nor import.meta.dirname here
        export const result = [
          readFileSync(import.meta.dirname + '/data.csv', 'utf8'),
          readFileSync(new URL('data.csv', import.meta.url), 'utf8'),
          filename, import.meta.url, near, text,
        ];`,
      'src/lib/near.ts': `import { join } from 'node:path'; export const near = join(import.meta.dirname, 'x');`,
      'src/data.csv': 'a,b',
    });
    const file = join(root, 'src/flow.mts');
    expect(await resultOf(await prepare(root, 'src/flow.mts'))).toEqual([
      'a,b',
      'a,b',
      file,
      pathToFileURL(file).href,
      join(root, 'src/lib/x'),
      'import.meta.url is not touched in a string',
    ]);
  });

  it('all of it in a folder with unusual characters', async () => {
    const root = await project(
      {
        'flow.ts': `
          import tell from 'teller';
          export const result = [\`\${import.meta.dirname}\`, new URL('.', import.meta.url).pathname, tell];`,
        ...installed('teller@1.0.0', { 'index.js': `module.exports = 'told'` }),
      },
      `it's "a" \`b\` \${c} #d %20 ü😀 `,
    );
    expect(await resultOf(await prepare(root))).toEqual([
      root,
      `${pathToFileURL(root).pathname}/`,
      'told',
    ]);
  });

  it('a file by a path from tsconfig, also inherited by extends', async () => {
    expect(
      await evaluate({
        'tsconfig.json': '{ "extends": "./tsconfig.base.json" }',
        'tsconfig.base.json':
          '{ "compilerOptions": { "paths": { "#lib/*": ["./lib/*"], "@app/*": ["./lib/*"] } } }',
        'flow.ts': `import { one } from '@app/one'; export const result = one;`,
        'lib/one.ts': `export const one = 1;`,
      }),
    ).toBe(1);
  });

  it('what it imports dynamically: a file of its own, a package, a builtin', async () => {
    expect(
      await evaluate({
        'flow.ts': `
          const own = await import('./own.ts');
          const { default: tell } = await import('teller');
          const { sep } = await import('path');
          export const result = [own.value, tell, sep];`,
        'own.ts': `export const value: number = 5;`,
        ...installed('teller@1.0.0', { 'index.js': `module.exports = 'told'` }),
      }),
    ).toEqual([5, 'told', '/']);
  });

  it('JSON, its own and of a package', async () => {
    expect(
      await evaluate({
        'flow.ts': `
          import own from './own.json' with { type: 'json' };
          import theirs from 'teller/data.json';
          export const result = [own, theirs];`,
        'own.json': '{"a":1}',
        ...installed('teller@1.0.0', { 'data.json': '[2]' }),
      }),
    ).toEqual([{ a: 1 }, [2]]);
  });

  it('the import condition of a package from import, the require condition from require', async () => {
    const dual = {
      'package.json':
        '{"name":"dual","version":"1.0.0","exports":{"module":"./m.mjs","import":"./i.mjs","require":"./r.cjs"}}',
      'm.mjs': `export default 'only for bundlers';`,
      'i.mjs': `export default 'import';`,
      'r.cjs': `module.exports = 'require';`,
    };
    const old = {
      'package.json': '{"name":"old","version":"1.0.0","exports":{"require":"./r.cjs"}}',
      'r.cjs': `module.exports = 'old';`,
    };
    expect(
      await evaluate({
        'flow.ts': `
          import imported from 'dual'; import old from 'old'; import required from './required.cjs';
          export const result = [imported, required, old];`,
        'required.cjs': `module.exports = require('dual');`,
        ...installed('dual@1.0.0', dual),
        ...installed('old@1.0.0', old),
      }),
    ).toEqual(['import', 'require', 'old']);
  });
});

describe('a prepared flow may be written', () => {
  it.each(['flow.js', 'flow.mjs', 'flow.ts', 'flow.mts'])('as a module: %s', async (file) => {
    const text = `import { FlowSpec } from 'millrace'; class A extends FlowSpec {} export const result = A.name;`;
    expect(await evaluate({ [file]: text }, file)).toBe('A');
  });

  it.each(['flow.js', 'flow.cjs', 'flow.cts'])('as CommonJS: %s', async (file) => {
    const text = `
      const { FlowSpec } = require('millrace');
      const { readFileSync } = require('fs');
      const name = './other.cjs';
      module.exports = class Old extends FlowSpec {};
      module.exports.result = [readFileSync(__dirname + '/data.txt', 'utf8'), __filename.endsWith('${file}'),
        require('./other.cjs'), require(name), require.resolve('./other.cjs') === __dirname + '/other.cjs'];`;
    expect(
      await evaluate({ [file]: text, 'data.txt': 'd', 'other.cjs': `module.exports = 'o'` }, file),
    ).toEqual(['d', true, 'o', 'o', true]);
  });

  it('with a createRequire of its own under the usual name', async () => {
    expect(
      await evaluate({
        'flow.ts': `
          import { createRequire } from 'node:module';
          const require = createRequire(import.meta.url);
          export const result = require('./data.json');`,
        'data.json': '[1]',
      }),
    ).toEqual([1]);
  });

  it('with standard decorators, and keeps class names, also where two files use one', async () => {
    expect(
      await evaluate({
        'flow.ts': `
          import { Base as Other } from './base.ts';
          const kinds: string[] = [];
          const mark = (_: unknown, context: ClassMethodDecoratorContext) => { kinds.push(context.kind + ' ' + String(context.name)); };
          class Base extends Other { @mark start() {} }
          export const result = [Base.name, Other.name, kinds];`,
        'base.ts': `export class Base {}`,
      }),
    ).toEqual(['Base', 'Base', ['method start']]);
  });

  it('with legacy decorators, where its tsconfig says so', async () => {
    expect(
      await evaluate({
        'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
        'flow.ts': `
          const calls: unknown[] = [];
          const mark = (...args: unknown[]) => { calls.push(args.length, args[1]); };
          class A { @mark start() { return import.meta.dirname; } }
          export const result = [A.name, calls];`,
      }),
    ).toEqual(['A', [3, 'start']]);
  });

  it('with types re-exported from a file that knows its place', async () => {
    expect(
      await evaluate({
        'flow.ts': `import { value, type Kind } from './all.ts'; export const result: Kind = value;`,
        'all.ts': `import { Kind } from './kind.ts'; export { Kind }; export const value: Kind = typeof import.meta.url;`,
        'kind.ts': `export type Kind = string;`,
      }),
    ).toBe('string');
  });
});

describe('the hash of a flow', () => {
  const FILES: Files = {
    'flow.ts': `
      import tell from 'teller'; import { a } from './lib/a.ts';
      export const result = [import.meta.dirname, tell, a];`,
    'lib/a.ts': `export * from './b.ts';`,
    'lib/b.ts': `export const a = 1;`,
    ...installed('teller@1.0.0', { 'index.js': `module.exports = __dirname` }),
  };

  it('is the same for two checkouts, whose prepared code is kept apart in one store', async () => {
    const store = join(home, 'one-store');
    const roots = [await project(FILES), await project(FILES, 'elsewhere-')];
    const [first, second] = await Promise.all(roots.map((root) => prepare(root, 'flow.ts', store)));
    if (first === undefined || second === undefined) throw new Error('two were prepared');
    expect(first.hash).toBe(second.hash);
    expect(first.bundlePath).not.toBe(second.bundlePath);
    expect(await resultOf(first)).toEqual([
      roots[0],
      join(roots[0] ?? '', 'node_modules/teller'),
      1,
    ]);
    expect(await resultOf(second)).toEqual([
      roots[1],
      join(roots[1] ?? '', 'node_modules/teller'),
      1,
    ]);
  });

  it('is the same in npm and in pnpm layout', async () => {
    const {
      'node_modules/teller/package.json': _m,
      'node_modules/teller/index.js': _i,
      ...own
    } = FILES;
    const linked = await project({
      ...own,
      ...installed(
        'teller@1.0.0',
        { 'index.js': `module.exports = __dirname` },
        'node_modules/.pnpm/teller@1.0.0/node_modules',
      ),
      'node_modules/teller': '->.pnpm/teller@1.0.0/node_modules/teller',
    });
    expect((await prepare(linked)).hash).toBe((await prepare(await project(FILES))).hash);
  });

  it.each([
    ['a module that is imported by another', { 'lib/b.ts': `export const a = 2;` }],
    [
      'the version of a package',
      installed('teller@1.0.1', { 'index.js': `module.exports = __dirname` }),
    ],
  ])('changes with %s', async (_what, changed: Files) => {
    const before = await prepare(await project(FILES));
    const after = await prepare(await project({ ...FILES, ...changed }));
    expect(after.hash).not.toBe(before.hash);
  });

  it('names the files that it was made of', async () => {
    const root = await project(FILES);
    const { watchFiles, sourceFile } = await prepare(root);
    expect(sourceFile).toBe(join(root, 'flow.ts'));
    expect(watchFiles).toEqual(['flow.ts', 'lib/a.ts', 'lib/b.ts'].map((file) => join(root, file)));
  });
});

describe('the prepared code', () => {
  const file = async (files: Files): Promise<string> =>
    basename((await prepare(await project(files))).bundlePath);

  it('is CommonJS, which Node loads sooner, as long as it needs nothing else', async () => {
    expect(
      await file({
        'flow.ts': `import { sep } from 'node:path'; import { a } from './a.ts'; export const result = [sep, a, import('teller')];`,
        'a.ts': `export const a = import.meta.url;`,
        ...installed('teller@1.2.3', { 'index.js': `module.exports = 1` }),
      }),
    ).toBe('flow.cjs');
  });

  it('is a module where it imports a package, or awaits at its top level', async () => {
    expect(
      await file({
        'flow.ts': `export { a as result } from './a.ts';`,
        'a.ts': `import tell from 'teller'; export const a = tell;`,
        ...installed('teller@1.2.3', { 'index.js': `module.exports = 1` }),
      }),
    ).toBe('flow.mjs');
    const text = `export const result = await Promise.resolve(1);`;
    expect(await file({ 'flow.ts': text })).toBe('flow.mjs');
  });

  it('is strict, and has nothing at its top level as `this`, in either form', async () => {
    const text = `export const result = [typeof this, (function () { return typeof this; })()];`;
    expect(await evaluate({ 'flow.ts': text })).toEqual(['undefined', 'undefined']);
    expect(await evaluate({ 'flow.ts': `${text} await 1;` })).toEqual(['undefined', 'undefined']);
  });
});

describe('placing the code', () => {
  it('leaves whole files only, when many do it at once', async () => {
    const root = await project({ 'flow.ts': `export const result = import.meta.filename;` });
    const all = await Promise.all(Array.from({ length: 8 }, () => prepare(root)));
    const paths = new Set(all.map(({ bundlePath }) => bundlePath));
    expect(paths.size).toBe(1);
    const [path = ''] = paths;
    expect(readdirSync(dirname(path)).toSorted()).toEqual(['flow.cjs', 'flow.cjs.map']);
    expect(readdirSync(dirname(dirname(path)))).toContain('bundle.cjs');
    expect(await readFile(join(dirname(dirname(path)), 'bundle.cjs'), 'utf8')).not.toContain(root);
  });
});
