/** What the compiler must accept and refuse of the NotebookRunner; `tsc -p .` is the test. */
import { FlowSpec, param, step } from 'millrace';
import { NotebookRunner } from 'millrace/notebook';

class Sum extends FlowSpec {
  readonly top = param.int({ default: 3 });
  total = 0;
  @step start() {
    this.next(this.end);
  }
  @step end() {}
}

export async function typed(): Promise<number> {
  const notebook = new NotebookRunner(Sum);
  await notebook.run({ top: 1 }, { maxWorkers: 2 });
  // @ts-expect-error -- a number, not text
  await notebook.run({ top: '1' });
  // @ts-expect-error -- no such parameter
  await notebook.run({ to: 1 });
  // @ts-expect-error -- what is shown is the notebook's affair
  const shown = new NotebookRunner(Sum, { showOutput: true });
  const resumed = await shown.resume({ step: 'end' });
  const { task } = await notebook.spin('latest/end', { set: { total: 3 } });
  // @ts-expect-error -- an artifact of another type
  await notebook.spin('latest/end', { set: { total: 'three' } });
  const total: number = await task.artifacts.total;
  return total + (await resumed.run.artifacts.total);
}
