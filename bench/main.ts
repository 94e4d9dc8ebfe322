import { parseArgs } from 'node:util';
import { metaflow, PeerMissing } from './peers/metaflow.ts';
import type { Row } from './row.ts';
import { artifact256m } from './rows/artifact-256m.ts';
import { client100k } from './rows/client-100k.ts';
import { decide } from './rows/decide.ts';
import { dispatch } from './rows/dispatch.ts';
import { foreach100k } from './rows/foreach-100k.ts';
import { foreachProcess } from './rows/foreach-process.ts';
import { hello } from './rows/hello.ts';
import { importCost } from './rows/import-cost.ts';
import { log1g } from './rows/log-1g.ts';
import { resume10k } from './rows/resume-10k.ts';
import { runs1000 } from './rows/runs-1000.ts';
import { smallTasks } from './rows/small-tasks.ts';
import { taskCpu } from './rows/task-cpu.ts';
import { version } from './rows/version.ts';

/** The budgets of the design, measured in one run. `--only id,id` takes some, `--json` prints data. */
const MEASURES: { readonly [id: string]: () => Promise<Row[]> } = {
  version,
  hello,
  'foreach-process': foreachProcess,
  'task-cpu': taskCpu,
  dispatch,
  'import-cost': importCost,
  pooled: () => smallTasks('pooled', { count: 5_000, budget: 2_000 }),
  inline: () => smallTasks('inline', { count: 20_000, budget: 20_000 }),
  decide,
  'foreach-100k': foreach100k,
  'resume-10k': resume10k,
  'artifact-256m': artifact256m,
  'log-1g': log1g,
  'client-100k': client100k,
  'runs-1000': runs1000,
};

/** `--peer`: other systems, at the same work. */
const PEERS: typeof MEASURES = { metaflow };

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, peer: { type: 'string' } },
});
const known = values.peer === undefined ? MEASURES : PEERS;
const ids = values.peer?.split(',') ?? values.only?.split(',') ?? Object.keys(MEASURES);
const unknown = ids.filter((id) => !Object.hasOwn(known, id));
if (unknown.length > 0) {
  const kind = values.peer === undefined ? 'row' : 'peer';
  refuse(`no such ${kind}: ${unknown.join(', ')}; there are ${Object.keys(known).join(', ')}`);
}
const rows: Row[] = [];
for (const id of ids) {
  const measured = (await known[id]?.().catch(refuseMissing)) ?? [];
  rows.push(...measured);
  if (values.json !== true) for (const row of measured) console.log(format(row));
}
if (values.json === true) console.log(JSON.stringify(rows, undefined, 2));
if (rows.some((row) => row.ok === false)) process.exitCode = 1;

function refuseMissing(error: unknown): never {
  if (error instanceof PeerMissing) return refuse(error.message);
  throw error;
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

function format({ id, value, unit, budget, ok, note }: Row): string {
  const verdict = ok === undefined ? '    ' : ok ? 'ok  ' : 'OVER';
  const limit = budget === undefined ? '' : `(budget ${budget})`;
  return `${verdict} ${id.padEnd(18)} ${value.toFixed(2).padStart(8)} ${unit.padEnd(14)} ${limit.padEnd(14)} ${note ?? ''}`;
}
