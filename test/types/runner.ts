/** What the compiler must accept and refuse of the Runner; `tsc -p .` is the test. */
import { FlowSpec, param, step } from 'millrace';
import { Runner } from 'millrace/runner';

class Train extends FlowSpec {
  static readonly source = import.meta.url;
  readonly rounds = param.int({ default: 3 });
  readonly data = param.file();
  readonly label = param.choice(['a', 'b'], { default: 'a' });
  loss = 0;
  @step start() {
    this.next(this.end);
  }
  @step end() {}
}

export async function typed(): Promise<unknown> {
  const runner = new Runner<typeof Train>('train.ts');
  const executing = await runner.run(
    { rounds: 5, data: 'here.csv', label: 'b' },
    { maxWorkers: 2 },
  );
  const loss: number = await executing.run.artifacts.loss;
  await new Runner(Train).run({ rounds: 1 });
  await runner.run();
  // @ts-expect-error -- a number, not text
  await runner.run({ rounds: '5' });
  // @ts-expect-error -- not one of the choices
  await runner.run({ label: 'c' });
  // @ts-expect-error -- no such parameter
  await runner.run({ round: 5 });
  // @ts-expect-error -- an artifact is no parameter
  await runner.run({ loss: 5 });
  // @ts-expect-error -- no such option
  await runner.run({}, { maxWorker: 2 });
  return loss;
}

export async function untyped(): Promise<void> {
  await new Runner('train.ts').run({ anything: 1 });
}
