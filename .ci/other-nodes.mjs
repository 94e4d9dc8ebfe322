// Runs what depends on Node itself on the newer lines too: processes, workers, loading of flows,
// values, logs, tests of flows. `npm run test:nodes`, after a build; `-- 24` takes one line. The binaries come as
// packages, into .tmp/, so no other installation is needed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const LINES = ['22', '24'];
const TESTS = [
  ...['process', 'worker', 'store', 'journal'].map((name) => `test/unit/${name}/`),
  ...[
    'admission',
    'artifacts',
    'attempts',
    'failures',
    'graphs',
    'guard',
    'inline',
    'isolation',
    'logs',
    'memory',
    'prepare.test',
    'processes',
    'runner-class',
    'spares',
    'suspend',
    'test-flow',
    'testing',
  ].map((name) => `test/spec/${name}`),
];

const asked = process.argv.slice(2);
for (const line of asked.length > 0 ? asked : LINES) {
  const node = install(line);
  const version = run(node, ['--version'], 'pipe').stdout.trim();
  console.log(`\nNode ${version}`);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = run(node, [vitest, 'run', ...TESTS], 'inherit');
  if (status !== 0) process.exit(1);
}

/** The path of a Node of that line. */
function install(line) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, '.tmp/nodes', line);
  const node = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = run('npm', ['install', ...options, '--prefix', folder, `${name}@${line}`]);
  if (status !== 0) {
    console.error(`Node ${line} could not be installed: there may be no package ${name}.`);
    process.exit(1);
  }
  return node;
}

function run(command, args, stdio = 'inherit') {
  return spawnSync(command, args, { cwd: root, stdio, encoding: 'utf8' });
}
