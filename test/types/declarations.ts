import { z } from 'zod';
import {
  catchError,
  FlowSpec,
  type Inputs,
  param,
  registerCodec,
  resources,
  retry,
  type StepTable,
  step,
  timeout,
  transient,
} from '../../src/index.ts';

/** True only if both types are the same: each stands where the other is both read and written. */
type Same<A, B> = [Invariant<A>, Invariant<B>] extends [Invariant<B>, Invariant<A>]
  ? [IsAny<A>, IsAny<B>] extends [false, false]
    ? true
    : false
  : false;
type Invariant<T> = (value: T) => T;
type IsAny<T> = 0 extends 1 & T ? true : false;

function expectSame<A, B>(_same: Same<A, B>): void {}

export class Parameters extends FlowSpec {
  readonly city = param.choice(['seattle', 'new-york'], { default: 'seattle' });
  readonly maybeCity = param.choice(['seattle', 'new-york'], { optional: true });
  readonly top = param.int({ default: 5, min: 1 });
  readonly maybe = param.number({ optional: true });
  readonly since = param.date({ default: () => new Date() });
  readonly dry = param.boolean({ default: false });
  readonly names = param.list();
  readonly counts = param.list({ of: 'int', default: [1, 2] });
  readonly settings = param.json<{ depth: number }>({ default: { depth: 1 } });
  readonly text = param.file({ default: 'a.txt' });
  readonly bytes = param.file({ as: 'bytes' });
  readonly rates = param.file({ as: 'yaml', schema: z.record(z.string(), z.number()) });
  readonly lines = param.file({ schema: z.string().transform((text) => text.split('\n')) });
  readonly maybeRows = param.file({ as: 'json', schema: z.array(z.date()), optional: true });
  readonly token = param.secret();
  readonly size = param(z.number().positive(), { default: 1 });
  readonly made = param.string({ default: async () => Promise.resolve('made') });

  // @ts-expect-error the default is not a choice
  readonly wrongChoice = param.choice(['a', 'b'], { default: 'c' });
  // @ts-expect-error the default has another type
  readonly wrongDefault = param.int({ default: 'five' });
  // @ts-expect-error a secret has no default
  readonly wrongSecret = param.secret({ default: 'hunter2' });
  // @ts-expect-error ranges are for numbers
  readonly wrongRange = param.string({ min: 1 });
  // @ts-expect-error the elements are of another type
  readonly wrongList = param.list({ of: 'int', default: ['a'] });

  start() {
    expectSame<typeof this.city, 'seattle' | 'new-york'>(true);
    expectSame<typeof this.maybeCity, 'seattle' | 'new-york' | undefined>(true);
    expectSame<typeof this.rates, Record<string, number>>(true);
    expectSame<typeof this.lines, string[]>(true);
    expectSame<typeof this.maybeRows, Date[] | undefined>(true);
    expectSame<typeof this.top, number>(true);
    expectSame<typeof this.maybe, number | undefined>(true);
    expectSame<typeof this.since, Date>(true);
    expectSame<typeof this.dry, boolean>(true);
    expectSame<typeof this.names, readonly string[]>(true);
    expectSame<typeof this.counts, readonly number[]>(true);
    expectSame<typeof this.settings, { depth: number }>(true);
    expectSame<typeof this.text, string>(true);
    expectSame<typeof this.bytes, Uint8Array>(true);
    expectSame<typeof this.token, string>(true);
    expectSame<typeof this.size, number>(true);
    expectSame<typeof this.made, string>(true);
    // @ts-expect-error the measure itself can say no
    expectSame<typeof this.top, number | undefined>(true);
    // @ts-expect-error parameters are read-only
    this.top = 6;
    this.next({ seattle: this.start, 'new-york': this.start }, { condition: this.city });
    this.next(this.start);
  }
}

export class Joined extends FlowSpec {
  total = 0;
  private hidden = 1;

  @step left() {
    this.total = this.hidden;
    this.next(this.join);
  }

  @step join(inputs: Inputs<Joined>) {
    expectSame<(typeof inputs)[number]['total'], number>(true);
    expectSame<typeof inputs.left.total, number>(true);
    const [first] = inputs;
    // @ts-expect-error an element may be missing
    this.total = first.total;
    // @ts-expect-error inputs are read-only
    inputs.left.total = 1;
    // @ts-expect-error the list is read-only too
    inputs.length = 0;
    // @ts-expect-error no such step
    this.total = inputs.middle.total;
    // @ts-expect-error private fields are not shown
    this.total = inputs.left.hidden;
    // @ts-expect-error an input has no methods
    inputs.left.join(inputs);
    // @ts-expect-error nor those of FlowSpec
    inputs.left.next(this.left);
    this.mergeArtifacts(inputs, { exclude: ['total'] });
    // @ts-expect-error an option that does not exist
    this.mergeArtifacts(inputs, { omit: ['total'] });
    this.next(this.left);
  }
}

export class Decorated extends FlowSpec {
  static steps = { start: { retry: 2, timeout: '1m' }, end: {} } satisfies StepTable;
  // @ts-expect-error an option that no decorator has
  static more = { start: { retyr: 2 } } satisfies StepTable;

  @transient client = new Map<string, string>();
  @transient() cache = 1;
  problem: unknown;

  @retry() @step() start() {
    this.next(this.end);
  }

  @catchError('problem')
  @resources({ cpu: 1, memory: '1 GiB' })
  @timeout(1000)
  @retry(2)
  @step
  async end() {
    await Promise.resolve();
  }

  @catchError('problem', { take: 'small' }) @step mayChoose() {}
  @catchError('problem', { items: [] }) @step mayFanOut() {}
  // @ts-expect-error after a failure there are no items
  @catchError('problem', { items: [1] }) @step mayNotInvent() {}
  // @ts-expect-error an option that does not exist
  @catchError('problem', { case: 'small' }) @step mayNotGuess() {}

  // @ts-expect-error a field is no step
  @step rows = [1];
  // @ts-expect-error nor is it tried again
  @retry(2) columns = [1];
  // @ts-expect-error a method is never kept
  @transient helper() {}
  // @ts-expect-error a static method is no step
  @step static tool() {}
}

class Point {
  x = 0;
}

registerCodec('test.Point', { class: Point, encode: ({ x }) => x, decode: () => new Point() });
