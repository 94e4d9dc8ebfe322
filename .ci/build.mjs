// dist/ from src/: the compiler writes modules and declarations; esbuild bundles what starts often.
// The new build is made aside and then renamed, so a program that runs from dist/ meanwhile, or a
// build that fails, never sees half of one.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** As deep as `dist`: source maps hold relative paths. */
const fresh = join(root, `dist-${process.pid}`);
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));

/** The only file that is no module. */
const GUARD = 'src/process/guard.sh';

/** Only flows with mutators make, run and compare them. */
const MUTATORS = ['flow-mutator', 'apply-mutators', 'same-mutations'];

/** Each becomes one file without imports of ours. */
const BUNDLES = [
  // Loaded by every task, and by node in one read: one CommonJS file with everything in it.
  {
    entry: 'src/worker/main.ts',
    outfile: 'worker/worker-program.cjs',
    plugins: () => [
      lazyCodec,
      lazyBuiltins(...LAZY),
      besideWorker('import-module', ...LAUNCH, ...SECRETS, ...MUTATORS),
    ],
  },
  { entry: 'src/worker/import-module.ts', outfile: 'worker/import-module.cjs', plugins: () => [] },
  // The same for tasks without a process of their own.
  {
    entry: 'src/worker/inline/inline-worker.ts',
    outfile: 'worker/inline-worker.cjs',
    plugins: () => [lazyCodec, besideWorker(...LAUNCH, ...SECRETS, ...MUTATORS)],
  },
  {
    entry: 'src/worker/configs/launch-configs.ts',
    outfile: 'worker/launch-configs.cjs',
    plugins: () => [besideWorker('value-text')],
  },
  ...['take-secrets', 'guard-artifacts'].map((name) => ({
    entry: `src/worker/secrets/${name}.ts`,
    outfile: `worker/${name}.cjs`,
    plugins: () => [],
  })),
  ...MUTATORS.map((name) => ({
    entry: `src/flow/mutators/${name}.ts`,
    outfile: `worker/${name}.cjs`,
    plugins: () => [],
  })),
  {
    entry: 'src/worker/value-text.ts',
    outfile: 'worker/value-text.cjs',
    plugins: () => [],
    external: ['yaml'],
  },
  { entry: 'cbor-x/encode', outfile: 'worker/codec.cjs', plugins: () => [withoutNativeCodec] },
];

/** Files of ours that a task loads when it first calls one of their functions. */
const BESIDE = {
  'import-module': ['importModule'],
  'launch-configs': ['openLaunchConfigs'],
  'value-text': ['parseValueText'],
  'take-secrets': ['takeSecrets'],
  'guard-artifacts': ['guardArtifacts'],
  'flow-mutator': ['flowMutator'],
  'apply-mutators': ['applyMutators'],
  'same-mutations': ['requireSameMutations'],
};
/** Only the first child of a run reads configs and files. */
const LAUNCH = ['launch-configs', 'value-text'];
/** Only tasks with secrets take them and look for them. */
const SECRETS = ['take-secrets', 'guard-artifacts'];

/** The codec's optional native addon costs every task more to load than it saves. */
const withoutNativeCodec = {
  name: 'without-native-codec',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cbor-extract$/ }, () => ({ path: 'cbor-extract', namespace: 'none' }));
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = null' }));
  },
};

/** Loaded on first use: most tasks need none of them before they have something to write. */
const LAZY = [
  'node:crypto',
  'node:fs/promises',
  'node:inspector',
  'node:module',
  'node:stream/promises',
];

/** Each function of a lazy module becomes one that loads the module when it is called. */
const lazyBuiltins = (...lazy) => ({
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
      lazy.includes(path) && namespace !== 'lazy' ? { path, namespace: 'lazy' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path }) => {
      const names = Object.entries(await import(path))
        .filter(([name, value]) => typeof value === 'function' && name !== 'default')
        .map(([name]) => name);
      return { contents: lazyFunctions(names, path) };
    });
  },
});

/** The value codec is a third of the worker's code, and many tasks read and write no value: it lies
 * in a file of its own beside the worker, loaded when it is first used. */
const lazyCodec = {
  name: 'lazy-codec',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cbor-x\/encode$/ }, ({ path }) => ({ path, namespace: 'beside' }));
    onResolve({ filter: /^\.\/codec\.cjs$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: 'beside' }, () => ({
      contents: `let codec;
      const load = () => (codec ??= require('./codec.cjs'));
      Object.defineProperties(exports, {
        __esModule: { value: true },
        Encoder: { enumerable: true, get: () => load().Encoder },
        Tag: { enumerable: true, get: () => load().Tag },
      });`,
    }));
  },
};

/** Not the words in a string: the bundler of flows names them, too. */
const OWN_URL = 'programUrl';
const ITS_PLACE = /(?<!['"`])import\.meta\.url(?!['"`])/g;

/** Modules that look for files beside them keep the place that they have without the bundle. */
const ownPlaces = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (text.search(ITS_PLACE) < 0) return undefined;
      const place = relative(join(root, 'src/cli'), path).replace(/\.ts$/, '.js');
      const url = `new URL(${JSON.stringify(place)}, ${OWN_URL}).href`;
      return { loader: 'ts', contents: text.replaceAll(ITS_PLACE, url) };
    });
  },
};

/** Imports of these files become functions that load the bundle of that name. */
function besideWorker(...names) {
  return {
    name: 'beside-worker',
    setup({ onResolve, onLoad }) {
      const filter = new RegExp(`/(?:${names.join('|')})[.]ts$`);
      onResolve({ filter }, ({ path }) => ({
        path: path.replace(/^.*\/(.*)[.]ts$/, '$1'),
        namespace: 'beside-worker',
      }));
      onResolve({ filter: /^\.\/.*\.cjs$/, namespace: 'beside-worker' }, ({ path }) => ({
        path,
        external: true,
      }));
      onLoad({ filter: /.*/, namespace: 'beside-worker' }, ({ path }) => ({
        contents: lazyFunctions(BESIDE[path], `./${path}.cjs`),
      }));
    },
  };
}

/** Functions that load their module when they are called. */
function lazyFunctions(names, module) {
  const load = `let loaded;\nconst load = () => (loaded ??= require(${JSON.stringify(module)}));`;
  const functions = names.map(
    (name) => `export const ${name} = (...all) => load().${name}(...all);`,
  );
  return [load, ...functions].join('\n');
}

/** What commands load on demand, if at all. */
const OUTSIDE = ['esbuild', 'pidusage', 'tree-kill', 'yaml'];

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  platform: 'node',
  target: 'node20.19',
  // Names stay, for the stack of a bug report.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
};

compile();
const bundles = await Promise.all([...BUNDLES.map(bundle), bundleProgram()]);
const starts = await Promise.all([bundleWorkerStart(), bundleFrontDoor()]);
const metafiles = [...bundles, ...starts].map(({ metafile }) => metafile);
writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licencesOf(metafiles, root));
copyFileSync(join(root, GUARD), join(fresh, GUARD.replace('src/', '')));
makeBinsExecutable();
replaceDist();

function compile() {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const options = ['-p', 'src/tsconfig.json', '--outDir', fresh, '--noEmitOnError'];
  const { status } = spawnSync(process.execPath, [compiler, ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
}

async function bundle({ entry, outfile, plugins, external = [], define = {} }) {
  return build({
    ...COMMON,
    entryPoints: [entry],
    outfile: join(fresh, outfile),
    format: 'cjs',
    // Every task parses this file: its size is most of its cost.
    minify: true,
    legalComments: 'none',
    plugins: plugins(),
    external,
    define: { 'import.meta.url': '__filename', ...define },
  });
}

/** What a child runs first, and what the shell does: small, and told which program it starts. */
async function bundleWorkerStart() {
  const define = programDigest(...BUNDLES.map(({ outfile }) => outfile));
  return bundle({
    entry: 'src/worker/start.ts',
    outfile: 'worker/worker.cjs',
    plugins: () => [],
    define,
  });
}

async function bundleFrontDoor() {
  return build({
    ...COMMON,
    entryPoints: ['src/cli/main.ts'],
    outfile: join(fresh, 'cli/main.cjs'),
    format: 'cjs',
    define: programDigest('cli/cli-program.cjs'),
  });
}

/**
 * The program of the command line: one file, since two hundred modules one by one cost twice what Node
 * itself does, and to find a package costs more than to run it. Commands are set up when they are used.
 */
async function bundleProgram() {
  rmSync(join(fresh, 'cli'), { recursive: true });
  return build({
    ...COMMON,
    entryPoints: ['src/cli/start.ts'],
    outfile: join(fresh, 'cli/cli-program.cjs'),
    format: 'cjs',
    external: OUTSIDE,
    // Code that was kept by an earlier process may not use it.
    supported: { 'dynamic-import': false },
    banner: { js: `const ${OWN_URL}=require("node:url").pathToFileURL(__filename);` },
    // The first process of a run starts sooner than Node loads this.
    plugins: [ownPlaces, withoutNativeCodec, lazyBuiltins('node:crypto')],
  });
}

function programDigest(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(fresh, file)));
  const digest = hash.digest('hex').slice(0, 16);
  return { PROGRAM_DIGEST: JSON.stringify(digest) };
}

function makeBinsExecutable() {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const file of new Set(Object.values(bin))) {
    chmodSync(join(fresh, file.replace(/^dist\//, '')), 0o755);
  }
}

function replaceDist() {
  const old = `${fresh}-old`;
  const dist = join(root, 'dist');
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}
