/** What the compiler must accept and refuse of tests; `tsc -p .` is the test. */
import { FlowSpec, type Inputs, param, step } from 'millrace';
import { kill, loadFixture, testFlow, testStep } from 'millrace/testing';

class Train extends FlowSpec {
  readonly rounds = param.int({ default: 3 });
  names: string[] = [];
  loss = 0;
  @step start() {
    this.next(this.work, { foreach: this.names });
  }
  @step work(_name: string) {
    this.next(this.join);
  }
  @step join(_inputs: Inputs<Train>) {
    this.next(this.end);
  }
  @step end() {}
}

export async function typed(): Promise<unknown> {
  const { artifacts, data, next } = await testStep(Train, 'work', {
    item: 'a',
    artifacts: { loss: 1 },
    parameters: { rounds: 2 },
    current: { attempt: 2, foreachStack: [{ item: 'a', index: 3 }] },
  });
  const loss: number | undefined = artifacts.loss;
  const rounds: number | undefined = data.rounds;
  const items = next?.kind === 'foreach' ? next.items : [];
  await testStep(Train, 'join', { inputs: [{ loss: 1 }, { loss: 2 }] });
  await testStep(Train, 'join', { inputs: { work: { loss: 1 } } });
  await testStep(Train, 'work', { fixture: loadFixture('fixtures/work') });
  // @ts-expect-error -- no such step
  await testStep(Train, 'werk');
  // @ts-expect-error -- the item is a text
  await testStep(Train, 'work', { item: 3 });
  // @ts-expect-error -- no such field
  await testStep(Train, 'work', { item: 'a', artifacts: { lost: 1 } });
  // @ts-expect-error -- the field is a number
  await testStep(Train, 'work', { item: 'a', artifacts: { loss: '1' } });
  // @ts-expect-error -- a parameter is no artifact
  await testStep(Train, 'work', { item: 'a', artifacts: { rounds: 1 } });
  // @ts-expect-error -- the parameter is a number
  await testStep(Train, 'start', { parameters: { rounds: 'many' } });
  // @ts-expect-error -- no such step leads anywhere
  await testStep(Train, 'join', { inputs: { werk: {} } });
  return [loss, rounds, items];
}

export async function wholeFlow(): Promise<unknown> {
  await using run = await testFlow(Train, {
    parameters: { rounds: 2 },
    inject: [kill('work', { attempt: 2, task: 1, when: 'after' })],
    maxWorkers: 2,
  });
  const loss: number = await run.artifacts.loss;
  const names: string[] = await run.task('work', 3).artifacts.names;
  const { rounds }: { rounds: number } = await run.data();
  await using resumed = await run.resume({ inject: [] });
  // @ts-expect-error -- no such step
  run.task('werk');
  // @ts-expect-error -- no such parameter
  await testFlow(Train, { parameters: { round: 2 } });
  // @ts-expect-error -- before or after
  kill('work', { when: 'during' });
  return [loss, names, rounds, resumed.order];
}
