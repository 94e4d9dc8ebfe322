import { FlowSpec, type Inputs, step } from 'millrace';

export class Wide extends FlowSpec {
  @step start() {
    this.next(this.work, { foreach: Array.from({ length: 20 }, (_, n) => n) });
  }
  @step work(_item: number) {
    this.next(this.join);
  }
  @step join(_inputs: Inputs<Wide>) {
    this.next(this.end);
  }
  @step end() {}
}
