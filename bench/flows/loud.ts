import { FlowSpec, param, step } from 'millrace';

/** Prints 1 GB: as lines of 100 bytes, or as one line. */
export class Loud extends FlowSpec {
  readonly shape = param.choice(['lines', 'one-line'], { default: 'lines' });

  @step start() {
    const line = Buffer.from(this.shape === 'lines' ? `${'x'.repeat(99)}\n` : 'x'.repeat(100));
    const block = Buffer.alloc(100_000, line);
    for (let count = 0; count < 10_000; count += 1) process.stdout.write(block);
    this.next(this.end);
  }

  @step end() {}
}
