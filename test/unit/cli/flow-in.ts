import { Writable } from 'node:stream';
import { Output } from '../../../src/cli/output.ts';
import { runProgram } from '../../../src/cli/program.ts';

export class Pipe extends Writable {
  text = '';
  /** Fails from here on, like a pipe whose reader went away. */
  isBroken = false;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.isBroken) return done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
    this.text += chunk.toString();
    done();
  }
}

/** `flow ...tokens` in this process, as if started in that folder. */
export async function flowIn(cwd: string, tokens: readonly string[]) {
  const [stdout, stderr] = [new Pipe(), new Pipe()];
  const code = await runProgram(tokens, {
    stdout: new Output(stdout),
    stderr: new Output(stderr),
    environment: {},
    cwd,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
