import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { LogStream } from '../../model/ports/executor.ts';
import type { Sink } from './divert-output.ts';

/**
 * The same for `console`, where it is not Node's own: a test runner's does not write to stdout. Returns
 * what undoes that.
 */
export function divertConsole(sinkOfWriter: () => Sink | undefined): () => void {
  const plain = globalThis.console;
  const diverted = new Console({
    stdout: outlet('stdout', sinkOfWriter),
    stderr: outlet('stderr', sinkOfWriter),
  });
  const proxy = new Proxy(plain, {
    get: (target, name, receiver) =>
      Reflect.get(sinkOfWriter() === undefined ? target : diverted, name, receiver),
  });
  globalThis.console = proxy;
  return () => {
    // Somebody may have put another one in its place meanwhile.
    if (globalThis.console === proxy) globalThis.console = plain;
  };
}

/** Hands text on at once, in the context of the call. */
function outlet(name: LogStream, sinkOfWriter: () => Sink | undefined): Writable {
  return new Writable({
    decodeStrings: true,
    write(chunk: Uint8Array, _encoding, done) {
      sinkOfWriter()?.(name, chunk);
      done();
    },
  });
}
