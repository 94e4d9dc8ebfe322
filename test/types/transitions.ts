import { FlowSpec } from '../../src/flow/flow-spec.ts';
import type { Inputs } from '../../src/flow/inputs.ts';

class Other extends FlowSpec {
  foreign = '';
}

export class Transitions extends FlowSpec {
  years: number[] = [];
  names: string[] = [];
  word = 'text';
  size: 'small' | 'big' = 'small';
  count: 1 | 2 = 1;
  isDone = false;
  mean = 0;

  start() {
    this.next(this.plain);
    this.next(this.plain, this.other);
    this.next(this.work, { foreach: this.years });
    this.next(this.work, { foreach: 'years' });
    this.next(this.plain, { foreach: this.years });
    this.next(this.asyncWork, { foreach: new Set([1]) });
    this.next(this.work, { foreach: this.years, key: (year) => year });
    this.next(this.work, { foreach: 'years', key: (year) => `${year}` });
    this.next(this.asyncWork, { foreach: asyncNumbers(), key: (year) => year.toFixed() });
    this.next(this.asyncWork, { foreach: asyncNumbers() });
    this.next(this.asyncWork, { foreach: 'lines' });
    this.next(this.work, { foreach: this.stream() });
    this.next(this.join, this.join);
    this.next({ small: this.plain, big: this.join }, { condition: this.size });
    this.next({ small: this.plain, big: this.join }, { condition: 'size' });
    this.next({ 1: this.plain, 2: this.other }, { condition: this.count });
    this.next({ 1: this.plain, 2: this.other }, { condition: 'count' });
    this.next({ true: this.plain, false: this.start }, { condition: this.isDone });
    this.next({ true: this.plain, false: this.start }, { condition: 'isDone' });
    this.next({ any: this.plain, other: this.start }, { condition: this.word });
    this.next(this.plain, { numParallel: 3 });
    this.next(this.work, { numParallel: 3 });
    this.next(this.hidden);

    // @ts-expect-error an item of the wrong type
    this.next(this.work, { foreach: this.names });
    // @ts-expect-error a key of the wrong type
    this.next(this.work, { foreach: this.years, key: (year) => year > 0 });
    // @ts-expect-error a key is made from the item
    this.next(this.work, { foreach: this.years, key: (year) => year.id });
    // @ts-expect-error the tasks of a gang have no items
    this.next(this.work, { numParallel: 3, key: (year: number) => year });
    // @ts-expect-error an async iterable of the wrong type
    this.next(this.takeText, { foreach: this.stream() });
    // @ts-expect-error an async iterable of the wrong type, by field name
    this.next(this.takeText, { foreach: 'lines' });
    // @ts-expect-error an item of the wrong type, by field name
    this.next(this.work, { foreach: 'names' });
    // @ts-expect-error a string is not split into characters
    this.next(this.takeText, { foreach: this.word });
    // @ts-expect-error the field holds a string
    this.next(this.takeText, { foreach: 'word' });
    // @ts-expect-error no such field
    this.next(this.work, { foreach: 'yaers' });
    // @ts-expect-error a missing case of a string union
    this.next({ small: this.plain }, { condition: this.size });
    // @ts-expect-error a missing case, by field name
    this.next({ small: this.plain }, { condition: 'size' });
    // @ts-expect-error a missing case of a number union
    this.next({ 1: this.plain }, { condition: this.count });
    // @ts-expect-error a missing case of a boolean
    this.next({ true: this.plain }, { condition: this.isDone });
    // @ts-expect-error a missing case of a number union, by field name
    this.next({ 1: this.plain }, { condition: 'count' });
    // @ts-expect-error a missing case of a boolean, by field name
    this.next({ true: this.plain }, { condition: 'isDone' });
    // @ts-expect-error a case too many
    this.next({ small: this.plain, big: this.plain, huge: this.plain }, { condition: this.size });
    // @ts-expect-error a case that leads into an item step
    this.next({ small: this.plain, big: this.work }, { condition: this.size });
    // @ts-expect-error an unknown step
    this.next(this.unknown);
    // @ts-expect-error a linear transition into an item step
    this.next(this.work);
    // @ts-expect-error a split into an item step
    this.next(this.plain, this.work);
    // @ts-expect-error a foreach into a join
    this.next(this.join, { foreach: this.years });
    // @ts-expect-error a join of another flow
    this.next(this.foreignJoin);
    // @ts-expect-error a join that takes a plain array
    this.next(this.arrayJoin);
    // @ts-expect-error a gang into a join
    this.next(this.join, { numParallel: 2 });
    // @ts-expect-error a gang without a number
    this.next(this.plain, { numParallel: 'two' });
    // @ts-expect-error steps are methods, not names
    this.next('plain');
    // @ts-expect-error an option that does not exist
    this.next(this.plain, { forEach: this.years });
  }

  get lines() {
    return asyncNumbers();
  }

  async *stream() {
    yield await Promise.resolve(this.mean);
  }

  // A loop: none of these has a declared result, and the compiler must not go in circles.
  plain() {
    this.next({ true: this.other, false: this.plain }, { condition: this.isDone });
  }

  other() {
    this.next(this.plain, this.join);
  }

  work(year: number) {
    this.mean = year;
    this.next(this.join);
  }

  async asyncWork(year: number) {
    this.mean = await Promise.resolve(year);
    this.next(this.join);
  }

  takeText(_text: string) {
    this.next(this.join);
  }

  join(inputs: Inputs<Transitions>) {
    this.years = inputs.map((input) => input.mean);
    this.mean = inputs.plain.mean + inputs.other.mean;
    this.next(this.work, { foreach: inputs.map((input) => input.mean) });
  }

  foreignJoin(inputs: Inputs<Other>) {
    this.word = inputs[0]?.foreign ?? '';
    this.next(this.plain);
  }

  arrayJoin(_inputs: readonly number[]) {
    this.next(this.plain);
  }

  private hidden() {
    this.next(this.plain);
  }
}

async function* asyncNumbers() {
  yield await Promise.resolve(1);
}

/** A generic flow whose steps, items and inputs depend on its type argument. */
abstract class Batch<T> extends FlowSpec {
  items: T[] = [];
  result!: T;
  all: T[] = [];

  start() {
    this.items = this.load();
    this.next(this.work, { foreach: this.items });
  }

  work(item: T) {
    this.result = item;
    this.next(this.join);
  }

  join(inputs: Inputs<Batch<T>>) {
    this.all = inputs.map((input) => input.result);
    this.next(this.end);
  }

  end() {}

  protected abstract load(): T[];
}

export class Words extends Batch<string> {
  length = 0;

  protected load(): string[] {
    return ['a', 'b'];
  }

  override work(item: string) {
    this.length = item.length;
    this.next(this.join);
  }

  override join(inputs: Inputs<Words>) {
    this.all = inputs.map((input) => `${input.result}${input.length}`);
    this.next(this.end);
  }

  again() {
    // @ts-expect-error the base class takes strings here
    this.next(this.work, { foreach: [1, 2] });
    this.next(this.work, { foreach: this.all });
  }
}
