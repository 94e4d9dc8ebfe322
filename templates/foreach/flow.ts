import { FlowSpec, type Inputs, param, retry, step } from 'millrace';

/** Measures texts: one task for each, side by side, and a join that collects the results. */
export class Measure extends FlowSpec {
  readonly texts = param.list({
    default: ['one', 'two words', 'now three words'],
    help: 'what is measured',
  });

  words = 0;
  total = 0;

  @step start() {
    this.next(this.measure, { foreach: this.texts });
  }

  @retry({ times: 2 })
  @step
  measure(text: string) {
    this.words = text.split(' ').length;
    this.next(this.join);
  }

  @step join(inputs: Inputs<Measure>) {
    this.total = inputs.reduce((sum, input) => sum + input.words, 0);
    this.next(this.end);
  }

  @step end() {
    console.log(`${this.total} words in ${this.texts.length} texts`);
  }
}
