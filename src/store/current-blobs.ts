import type { BlobStore } from '../model/ports/blob-store.ts';

export const CURRENT_BLOBS = Symbol.for('millrace.currentBlobs');

interface Holder {
  [CURRENT_BLOBS]?: BlobStore | undefined;
}

/**
 * The store of the task that runs here: `artifact.file()` has no other way to know it. Held on
 * globalThis, so that the flow's copy of this package and the worker's agree.
 */
export function currentBlobs(): BlobStore | undefined {
  return holder()[CURRENT_BLOBS];
}

export function setCurrentBlobs(blobs: BlobStore | undefined): void {
  holder()[CURRENT_BLOBS] = blobs;
}

function holder(): Holder {
  const scope: typeof globalThis & Holder = globalThis;
  return scope;
}
