import type { BlobStore } from '../model/ports/blob-store.ts';

const CURRENT = Symbol.for('millrace.currentBlobs');

interface Holder {
  [CURRENT]?: BlobStore | undefined;
}

/**
 * The store of the task that runs here: `artifact.file()` has no other way to know it. Held on
 * globalThis, so that the flow's copy of this package and the worker's agree.
 */
export function currentBlobs(): BlobStore | undefined {
  return holder()[CURRENT];
}

export function setCurrentBlobs(blobs: BlobStore | undefined): void {
  holder()[CURRENT] = blobs;
}

function holder(): Holder {
  const scope: typeof globalThis & Holder = globalThis;
  return scope;
}
