import { scopeGlobal } from '../base/scope-global.ts';
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

export interface BlobsHolder {
  readonly blobs: BlobStore;
}

/** For a worker that runs several tasks at once: each finds its own store. Returns the way back. */
export function holdBlobs(perTask: () => BlobsHolder | undefined): () => void {
  return scopeGlobal(CURRENT_BLOBS, { get: () => perTask()?.blobs });
}

function holder(): Holder {
  const scope: typeof globalThis & Holder = globalThis;
  return scope;
}
