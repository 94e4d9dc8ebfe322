import { AsyncLocalStorage } from 'node:async_hooks';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { LogStream } from '../model/ports/executor.ts';

export type OutputSink = (stream: LogStream, bytes: Uint8Array) => void;

interface Listening {
  readonly sink: OutputSink;
  /** Print it as well. */
  readonly show: boolean;
}

const listening = new AsyncLocalStorage<Listening>();
let users = 0;
let restore = (): void => {};

/**
 * Hands on what the work prints, through `console` and through `process.stdout`, instead of printing
 * it. What other code prints meanwhile is printed as ever.
 */
export async function captureOutput<T>(to: Listening, work: () => Promise<T>): Promise<T> {
  if (users === 0) restore = install();
  users += 1;
  try {
    return await listening.run(to, work);
  } finally {
    users -= 1;
    if (users === 0) restore();
  }
}

/** A test runner has a console of its own, which writes past `process.stdout`: both are listened to. */
function install(): () => void {
  const plain = globalThis.console;
  const undo = [catchWrites('stdout'), catchWrites('stderr')];
  const caught = new Console({ stdout: outlet('stdout'), stderr: outlet('stderr') });
  globalThis.console = new Proxy(plain, {
    get: (target, name, receiver) =>
      Reflect.get(listening.getStore() === undefined ? target : caught, name, receiver),
  });
  return () => {
    globalThis.console = plain;
    for (const each of undo) each();
  };
}

type Write = typeof process.stdout.write;

function catchWrites(stream: LogStream): () => void {
  const target = process[stream];
  const original = Reflect.get(target, 'write');
  const write: Write = original.bind(target);
  const caught = (...args: Parameters<Write>): boolean => {
    const to = listening.getStore();
    if (to === undefined) return write(...args);
    const [chunk, encoding, done] = args;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, namedEncoding(encoding)) : chunk;
    to.sink(stream, bytes);
    if (to.show) return write(...args);
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback !== undefined) queueMicrotask(() => callback());
    return true;
  };
  Reflect.set(target, 'write', caught);
  return () => {
    Reflect.set(target, 'write', original);
  };
}

function namedEncoding(encoding: unknown): BufferEncoding {
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
}

/** For a console; writes come at once, in the context of the call. */
function outlet(stream: LogStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, encoding, done) {
      process[stream].write(chunk, namedEncoding(encoding));
      done();
    },
  });
}
