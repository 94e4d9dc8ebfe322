import { FlowSpec, step } from 'millrace';

export class Hello extends FlowSpec {
  @step start() {
    this.next(this.one);
  }
  @step one() {
    this.next(this.two);
  }
  @step two() {
    this.next(this.end);
  }
  @step end() {}
}
