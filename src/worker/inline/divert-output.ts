import type { LogStream } from '../../model/ports/executor.ts';

export type Sink = (stream: LogStream, bytes: Uint8Array) => void;
type Written = () => void;

/**
 * What is written to stdout and stderr goes to the sink of whoever writes, and without one where it
 * always went. Returns what undoes that.
 */
export function divertOutput(sinkOfWriter: () => Sink | undefined): () => void {
  const undo = (['stdout', 'stderr'] as const).map((name) => divert(name, sinkOfWriter));
  return () => {
    for (const one of undo) one();
  };
}

function divert(name: LogStream, sinkOfWriter: () => Sink | undefined): () => void {
  const stream = process[name];
  const write = stream.write.bind(stream);
  const diverted = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | Written,
    written?: Written,
  ): boolean => {
    const sink = sinkOfWriter();
    const [given, done] =
      typeof encoding === 'function' ? [undefined, encoding] : [encoding, written];
    if (sink === undefined) return write(chunk, given, done);
    sink(name, typeof chunk === 'string' ? Buffer.from(chunk, given) : chunk);
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stream.write = diverted;
  return () => {
    // Somebody may have put something over it meanwhile, which still calls ours.
    if (stream.write === diverted) Reflect.deleteProperty(stream, 'write');
  };
}
