import { existsSync } from 'node:fs';
import { FlowSpec, type Inputs, step } from 'millrace';

export class Broken extends FlowSpec {
  value = 0;

  @step start() {
    this.next(this.work, { foreach: Array.from({ length: 20 }, (_, n) => n) });
  }
  @step work(n: number) {
    this.value = n;
    this.next(this.join);
  }
  @step join(_inputs: Inputs<Broken>) {
    if (!existsSync('mended')) throw new Error('not yet');
    this.next(this.end);
  }
  @step end() {}
}
