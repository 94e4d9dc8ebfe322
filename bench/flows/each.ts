import { FlowSpec, type Inputs, step } from 'millrace';

export class Each extends FlowSpec {
  @step start() {
    this.next(this.work, { foreach: Array.from({ length: 200 }, (_, n) => n) });
  }
  @step work(_item: number) {
    this.next(this.join);
  }
  @step join(_inputs: Inputs<Each>) {
    this.next(this.end);
  }
  @step end() {}
}
