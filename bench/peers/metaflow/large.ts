import { randomFillSync } from 'node:crypto';
import { FlowSpec, step } from 'millrace';

export class Large extends FlowSpec {
  data = Buffer.alloc(0);
  first = 0;

  @step start() {
    this.data = randomFillSync(Buffer.allocUnsafeSlow(64 * 1024 * 1024));
    this.next(this.read);
  }
  @step read() {
    this.first = this.data[0] ?? 0;
    this.next(this.change);
  }
  @step change() {
    this.data[1] = (this.data[1] ?? 0) ^ 1;
    this.next(this.end);
  }
  @step end() {}
}
