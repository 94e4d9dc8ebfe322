/** What the compiler must accept and refuse of the client; `tsc -p .` is the test. */
import { FlowSpec, param, step } from 'millrace';
import { Flow, Run } from 'millrace/client';

class Weather extends FlowSpec {
  readonly city = param.string({ default: 'here' });
  means: number[] = [];
  @step start() {
    this.next(this.end);
  }
  @step end() {}
}

export async function typed(): Promise<unknown> {
  const run = new Run<typeof Weather>('Weather/1m7ypzdwvz4ne');
  const means: number[] = await run.artifacts.means;
  const city: string = await run.task('start').artifacts.city;
  const whole: number[] = await (await run.endTask.artifact('means')).value();
  const latest = await new Flow<typeof Weather>('Weather').latestRun;
  const given: string | undefined = (await latest?.parameters)?.city;
  // @ts-expect-error -- no such field
  await run.artifacts.mean;
  // @ts-expect-error -- a step is no artifact
  await run.artifacts.end;
  // @ts-expect-error -- no such step
  run.task('middle');
  // @ts-expect-error -- a field is no step
  run.step('means');
  return { means, city, whole, given };
}

export async function untyped(): Promise<unknown> {
  const value: unknown = await new Run('Weather/1m7ypzdwvz4ne').artifacts['anything'];
  // @ts-expect-error -- unknown has to be looked at first
  const number: number = value;
  return number;
}
