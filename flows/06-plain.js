import { FlowSpec, param } from 'millrace';

/** The same without decorators and without types: `static steps` says what the decorators would. */
export class Plain extends FlowSpec {
  static steps = { start: {}, square: { retry: { times: 1 } }, sum: {}, end: {} };

  upTo = param.int({ default: 5, min: 1 });

  start() {
    this.numbers = Array.from({ length: this.upTo }, (_, n) => n + 1);
    this.next(this.square, { foreach: this.numbers });
  }

  square(number) {
    this.result = number * number;
    this.next(this.sum);
  }

  sum(inputs) {
    this.total = inputs.reduce((sum, input) => sum + input.result, 0);
    this.next(this.end);
  }

  end() {
    console.log(`the squares up to ${this.upTo} add up to ${this.total}`);
  }
}
