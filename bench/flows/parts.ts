import { appendFileSync } from 'node:fs';
import { FlowSpec, type Inputs, step } from 'millrace';

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const loadedMs = cpuMs();

/** Each task notes how much CPU time its process had used when its module was read, and when its step began. */
export class Parts extends FlowSpec {
  @step start() {
    this.next(this.work, { foreach: Array.from({ length: 100 }, (_, n) => n) });
  }
  @step work(_item: number) {
    appendFileSync('parts.ndjson', `${JSON.stringify([loadedMs, cpuMs()])}\n`);
    this.next(this.join);
  }
  @step join(_inputs: Inputs<Parts>) {
    this.next(this.end);
  }
  @step end() {}
}
