import { existsSync } from 'node:fs';
import { FlowSpec, type Inputs, isolate, step } from 'millrace';

/** 10,000 tasks that end well, and one that does not before there is a file `mended`. */
export class Broken extends FlowSpec {
  value = 0;

  @step start() {
    this.next(this.work, { foreach: Array.from({ length: 10_000 }, (_, n) => n) });
  }
  @isolate('pooled')
  @step
  work(n: number) {
    this.value = n;
    this.next(this.join);
  }
  @step join(_inputs: Inputs<Broken>) {
    if (!existsSync('mended')) throw new Error('not yet');
    this.next(this.end);
  }
  @step end() {}
}
