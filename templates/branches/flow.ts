import { FlowSpec, type Inputs, step } from 'millrace';

/** Looks at the same numbers in two ways at once, and joins what was found. */
export class Compare extends FlowSpec {
  numbers: number[] = [];
  mean = 0;
  largest = 0;

  @step start() {
    this.numbers = [3, 1, 4, 1, 5, 9, 2, 6];
    this.next(this.average, this.search);
  }

  @step average() {
    this.mean = this.numbers.reduce((sum, number) => sum + number, 0) / this.numbers.length;
    this.next(this.join);
  }

  @step search() {
    this.largest = Math.max(...this.numbers);
    this.next(this.join);
  }

  @step join(inputs: Inputs<Compare>) {
    this.mean = inputs.average.mean;
    this.largest = inputs.search.largest;
    this.next(this.end);
  }

  @step end() {
    console.log(`mean ${this.mean}, largest ${this.largest}`);
  }
}
