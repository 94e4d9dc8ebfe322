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

export async function resumedAndSpun(): Promise<number> {
  const runner = new Runner(Train);
  const { run } = await runner.resume({ origin: 'latest', rerun: ['start/0'], maxWorkers: 2 });
  // @ts-expect-error -- its parameters are those of the origin
  await runner.resume({ rounds: 5 });
  // @ts-expect-error -- a list
  await runner.resume({ rerun: 'start/0' });
  const { fate }: { fate: 'clone' | 'run' | 'gone' | 'depends' } = (await runner.foreseeResume())
    .tasks[0] ?? { fate: 'run' };
  const { task } = await runner.spin('latest/start', { set: { loss: 1, rounds: 2 } });
  // @ts-expect-error -- no such artifact or parameter
  await runner.spin('latest/start', { set: { lost: 1 } });
  // @ts-expect-error -- a number
  await runner.spin('latest/start', { set: { loss: fate } });
  const { status } = await (await runner.run()).wait();
  // @ts-expect-error -- no such status
  if (status === 'successful') return 0;
  return (await task.artifacts.loss) + (await run.artifacts.loss);
}

class Fileless extends FlowSpec {
  readonly size = param.int({ default: 3 });
  sum = 0;
  @step start() {
    this.next(this.end);
  }
  @step end() {}
}

export async function fileless(): Promise<number> {
  const runner = new Runner(Fileless, { configs: {} });
  const { run } = await runner.run({ size: 1 }, { isolation: 'inline' });
  // @ts-expect-error -- a number, not text
  await runner.run({ size: '1' }, { isolation: 'inline' });
  // @ts-expect-error -- no such isolation
  await runner.run({}, { isolation: 'in line' });
  return run.artifacts.sum;
}

export async function untyped(): Promise<void> {
  await new Runner('train.ts').run({ anything: 1 });
}
