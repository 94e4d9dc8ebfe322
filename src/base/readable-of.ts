import type { Readable } from 'node:stream';

/** A stream of bytes. What streams are made of is loaded here: a task without one starts sooner. */
export function readableOf(slices: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Readable {
  return process.getBuiltinModule('node:stream').Readable.from(slices, { objectMode: false });
}
