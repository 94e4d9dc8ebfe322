import type { WrittenBytes } from '../model/protocol.ts';

/**
 * Makes writes to stdout and stderr synchronous. Pipes are asynchronous in Node, and the child exits
 * as soon as its result is on the way: without this, the last megabytes of output would be lost. A
 * stream is set up only when it is first used, because that costs a silent task a millisecond.
 */
export function makeOutputSynchronous(): void {
  for (const name of STREAMS) {
    const original = Object.getOwnPropertyDescriptor(process, name);
    if (original?.get === undefined) continue;
    Object.defineProperty(process, name, {
      ...original,
      get: () => {
        Object.defineProperty(process, name, original);
        inUse.add(name);
        setBlocking(process[name]);
        return process[name];
      },
    });
  }
}

const STREAMS = ['stdout', 'stderr'] as const;
const inUse = new Set<(typeof STREAMS)[number]>();

/** What was written to each so far. To look must not set a stream up. */
export function bytesWritten(): WrittenBytes {
  return { stdout: writtenTo('stdout'), stderr: writtenTo('stderr') };
}

/** How many of the two anybody has written to. */
export function streamsInUse(): number {
  return inUse.size;
}

function writtenTo(name: (typeof STREAMS)[number]): number {
  const written: unknown = inUse.has(name) ? Reflect.get(process[name], 'bytesWritten') : 0;
  return typeof written === 'number' ? written : 0;
}

/** Node has no public name for this; files and terminals have no such handle and need none. */
function setBlocking(stream: object): void {
  const handle: unknown = Reflect.get(stream, '_handle');
  if (typeof handle !== 'object' || handle === null) return;
  const set: unknown = Reflect.get(handle, 'setBlocking');
  if (typeof set === 'function') set.call(handle, true);
}
