import { FlowSpec, type Inputs, param, step } from 'millrace';

/** A foreach of small tasks: each sets one artifact. */
export class Many extends FlowSpec {
  readonly count = param.int({ default: 2_000 });
  value = 0;

  @step start() {
    this.next(this.work, { foreach: Array.from({ length: this.count }, (_, n) => n) });
  }
  @step work(n: number) {
    this.value = n;
    this.next(this.join);
  }
  @step join(_inputs: Inputs<Many>) {
    this.next(this.end);
  }
  @step end() {}
}
