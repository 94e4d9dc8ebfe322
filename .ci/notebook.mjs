// Runs test/notebook/flows.ipynb in a real Jupyter, with a TypeScript kernel and the packed package, and reads what its
// cells print. The kernel (tslab) and the package are installed into a temporary folder; Jupyter's client
// is Debian's: apt-get install --no-install-recommends python3-nbclient
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const here = join(root, 'test/notebook');
const KERNEL = 'tslab@1.0.22';
/** Debian's modules belong to Debian's Python, whichever comes first in the path. */
const python = process.env.MILLRACE_PYTHON ?? '/usr/bin/python3';

/** What each cell must print, by a piece of its text: on which stream, and the text or a pattern. */
const EXPECTED = [
  ['squares.run({ top: 4 })', 'stdout', /\/work\/2] squaring 3\n/],
  ['squares.run({ top: 4 })', 'stdout', /✓ Squares succeeded/],
  ['squares.run({ top: 4 })', 'stderr', /\/join\/0] joined 4\n/],
  ['squares.run({ top: 4 })', 'stdout', 'sum is 30\n'],
  ["writeFileSync('broken'", 'stdout', /work\/1 failed: Error: two is broken\n {4}at Squares.work/],
  ["writeFileSync('broken'", 'stdout', 'first failed\n'],
  ['squares.resume()', 'stdout', /\/work\/2] taken over from run/],
  ['squares.resume()', 'stdout', 'then succeeded 14\n'],
  ['squares.spin(', 'stdout', 'spun succeeded 9 9\n'],
  ["NotebookRunner('tally.ts')", 'stdout', 'by name 2\n'],
  ['NotebookRunner(Tally)', 'stdout', 'imported 3\n'],
  ['NotebookRunner(Both)', 'stdout', 'The cell of Both also runs it'],
  ["top: 'many'", 'stdout', 'PARAMETER_INVALID\n'],
  ['at last', 'stdout', 'at last run.cancelled\n'],
];

requireJupyter();
const folder = mkdtempSync(join(tmpdir(), 'millrace-notebook-'));
try {
  install(folder);
  const cells = execute(folder);
  const failed = EXPECTED.filter((expected) => !isPrinted(cells, expected));
  for (const [piece, stream, text] of failed) {
    console.error(`the cell with ${piece} does not print ${text} on ${stream}`);
  }
  if (failed.length > 0) {
    for (const cell of cells) console.error(`\n--- ${cell.text}\n${JSON.stringify(cell, null, 1)}`);
  }
  console.log(`${EXPECTED.length - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function requireJupyter() {
  const { status } = spawnSync(python, ['-c', 'import nbclient'], { stdio: 'ignore' });
  if (status === 0) return;
  console.error(`${python} has no nbclient. On Debian: apt-get install python3-nbclient`);
  console.error('Another Python that has it: MILLRACE_PYTHON=… npm run test:notebook');
  process.exit(1);
}

function install(into) {
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', into];
  const [{ filename }] = JSON.parse(npm(pack, root));
  writeFileSync(join(into, 'package.json'), '{ "private": true }');
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', `./${filename}`, KERNEL], into);
  const kernel = join(into, 'share/kernels/tslab');
  mkdirSync(kernel, { recursive: true });
  const program = join(into, 'node_modules/tslab/bin/tslab');
  const argv = [process.execPath, program, 'kernel', '--config-path={connection_file}'];
  const spec = { argv, display_name: 'TypeScript', language: 'typescript' };
  writeFileSync(join(kernel, 'kernel.json'), JSON.stringify(spec));
  copyFileSync(join(here, 'tally.ts'), join(into, 'tally.ts'));
}

function npm(args, cwd) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** The code cells, each with what it printed. */
function execute(into) {
  const args = [join(here, 'execute.py'), join(here, 'flows.ipynb'), into];
  const env = { ...process.env, JUPYTER_PATH: join(into, 'share') };
  const printed = execFileSync(python, args, { cwd: into, encoding: 'utf8', env });
  const { cells } = JSON.parse(printed);
  return cells
    .filter(({ cell_type }) => cell_type === 'code')
    .map(({ source, outputs }) => ({
      text: textOf(source),
      stdout: printedOn('stdout', outputs),
      stderr: printedOn('stderr', outputs),
    }));
}

function printedOn(stream, outputs) {
  return outputs
    .filter(({ name }) => name === stream)
    .map(({ text }) => textOf(text))
    .join('');
}

/** A notebook keeps a text as its lines. */
function textOf(text) {
  return typeof text === 'string' ? text : text.join('');
}

function isPrinted(cells, [piece, stream, text]) {
  const printed = cells.find((cell) => cell.text.includes(piece))?.[stream] ?? '';
  return typeof text === 'string' ? printed.includes(text) : text.test(printed);
}
