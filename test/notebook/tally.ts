import { FlowSpec, param, step } from 'millrace';

/** Counts words. Notebooks run it as a file, and as a class that a cell imports. */
export class Tally extends FlowSpec {
  readonly text = param.string({ default: 'one two three' });
  words = 0;

  @step start() {
    this.words = this.text.split(' ').length;
    this.next(this.end);
  }

  @step end() {}
}
