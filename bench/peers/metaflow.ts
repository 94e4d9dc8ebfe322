import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from '../row.ts';
import { inTurns, type Pair, spread, timeProcess, timeProgram } from '../timing.ts';
import { CLI, inWorkspace } from '../workspace.ts';

const ROUNDS = 5;
const PYTHON = 'python3';
/** Each shape twice: `hello.py` and `hello.ts` do the same. */
const FLOWS = fileURLToPath(new URL('metaflow', import.meta.url));

/** A Metaflow that cannot be had; the message says how to have one. */
export class PeerMissing extends Error {}

/** The same flows here and on a checkout of Metaflow, in turns: how many times as long it takes there. */
export async function metaflow(): Promise<Row[]> {
  const checkout = findCheckout();
  return inWorkspace(async (dir) => {
    const peer = new Metaflow(checkout, dir);
    const version = peer.version();
    const row = (id: string, pair: Pair): Row => ({
      id: `metaflow-${id}`,
      value: pair.bare.medianMs / pair.own.medianMs,
      unit: '× as long there',
      note: `${spread(pair.own)}, Metaflow ${version} ${spread(pair.bare)}`,
    });
    const rows: Row[] = [];
    for (const id of ['hello', 'wide', 'large']) {
      const options = id === 'wide' ? ['--max-workers', '2'] : [];
      const pair = await inTurns(
        ROUNDS,
        async () => (await timeProcess([CLI, 'run', `${id}.ts`, ...options], dir)).wallMs,
        () => peer.timeMs(`${id}.py`, ['run', ...options]),
      );
      rows.push(row(id, pair));
    }
    return [...rows, row('resume', await compareResumes(dir, peer))];
  }, FLOWS);
}

/** 21 tasks that ended well are taken over, two run. */
async function compareResumes(dir: string, peer: Metaflow): Promise<Pair> {
  const fail = ['run', '--run-id-file'];
  await timeProcess([CLI, ...fail, 'ours', 'broken.ts'], dir).catch(() => {});
  await peer.timeMs('broken.py', [...fail, 'theirs']).catch(() => {});
  const [ours, theirs] = ['ours', 'theirs'].map((file) => readFileSync(join(dir, file), 'utf8'));
  writeFileSync(join(dir, 'mended'), '');
  const from = (run = ''): string[] => ['--origin-run-id', run.trim()];
  return inTurns(
    ROUNDS,
    async () => (await timeProcess([CLI, 'resume', 'broken.ts', ...from(ours)], dir)).wallMs,
    () => peer.timeMs('broken.py', ['resume', ...from(theirs)]),
  );
}

class Metaflow {
  readonly #dir: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(checkout: string, dir: string) {
    this.#dir = dir;
    this.#env = {
      PATH: process.env['PATH'],
      // Neither the person's settings nor the checkout are touched.
      HOME: dir,
      USERNAME: 'bench',
      PYTHONPATH: checkout,
      PYTHONPYCACHEPREFIX: join(dir, 'pycache'),
      METAFLOW_DEFAULT_DATASTORE: 'local',
      METAFLOW_DEFAULT_METADATA: 'local',
    };
  }

  version(): string {
    const { status, stdout, stderr, error } = spawnSync(
      PYTHON,
      ['-c', 'import metaflow; print(metaflow.__version__)'],
      { cwd: this.#dir, env: this.#env, encoding: 'utf8' },
    );
    if (status === 0) return stdout.trim();
    const why = error?.message ?? stderr.trim().split('\n').at(-1);
    throw new PeerMissing(
      `Metaflow cannot be imported by ${PYTHON}: ${why}\nIt needs Python with the packages requests and boto3.`,
    );
  }

  async timeMs(flow: string, args: readonly string[]): Promise<number> {
    const command = [PYTHON, flow, '--no-pylint', ...args];
    const { wallMs } = await timeProgram(command, { cwd: this.#dir, env: this.#env });
    return wallMs;
  }
}

function findCheckout(): string {
  const { METAFLOW_PATH: path } = process.env;
  if (path !== undefined && existsSync(join(path, 'metaflow/__init__.py'))) return path;
  const why =
    path === undefined
      ? 'METAFLOW_PATH is not set.'
      : `METAFLOW_PATH names no checkout of Metaflow: there is no metaflow/__init__.py in ${path}`;
  throw new PeerMissing(
    `${why}\nClone the repository Netflix/metaflow from GitHub, install its requirements (pip install requests boto3), then\n  METAFLOW_PATH=/path/to/metaflow npm run bench -- --peer metaflow`,
  );
}
