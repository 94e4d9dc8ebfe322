import { randomFillSync } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { FlowSpec, step } from 'millrace';

const SIZE = 256 * 1024 * 1024;

// The bench reads afterwards how much memory each task's process took at most.
process.on('exit', () => appendFileSync('peaks.txt', `${process.resourceUsage().maxRSS * 1024}\n`));

/** One 256 MiB Buffer: made, read and passed on, changed by one byte. */
export class Artifact extends FlowSpec {
  data!: Buffer;
  first = 0;

  @step start() {
    this.data = Buffer.allocUnsafeSlow(SIZE);
    randomFillSync(this.data);
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
