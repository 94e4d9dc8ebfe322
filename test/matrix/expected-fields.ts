import type { ExpectedTask } from './expected-run.ts';
import { Fields, type Table } from './fields.ts';
import type { Rider } from './rider.ts';
import type { Shape } from './shape.ts';

/** What each task must leave, by its path: the effects of all riders, task after task. */
export function expectFields(
  shape: Shape,
  tasks: ReadonlyMap<string, ExpectedTask>,
  riders: readonly Rider[],
): ReadonlyMap<string, Table> {
  const initialValues = new Map(riders.flatMap((one) => Object.entries(one.fields ?? {})));
  const tables = new Map<string, Table>();
  const tableOf = (path: string): Table => {
    const known = tables.get(path);
    if (known !== undefined) return known;
    const task = tasks.get(path);
    if (task === undefined) throw new Error(`no task ${path}`);
    const catching = riders.find((one) => one.isCaught?.(task, shape));
    const fields = startOf(task, catching === undefined ? initialValues : new Map());
    for (const one of catching === undefined ? riders : [catching]) {
      one.effect?.(fields, task, shape);
    }
    tables.set(path, fields.table);
    return fields.table;
  };
  // It is `start` that records the initial values, so when it fails there are none.
  const startOf = ({ fork, inputs, path }: ExpectedTask, initial: Table): Fields => {
    if (fork !== undefined) return Fields.ofJoin(tableOf(fork), inputs.map(tableOf));
    const [before, ...others] = inputs;
    if (others.length > 0) throw new Error(`${path} has several inputs and no fork`);
    return new Fields(before === undefined ? initial : tableOf(before));
  };
  for (const { path, ends } of tasks.values()) if (ends === 'succeeds') tableOf(path);
  return tables;
}
