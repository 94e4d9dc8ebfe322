import type { BlobStore } from '../model/ports/blob-store.ts';
import type { TaskSpec } from '../model/task.ts';
export interface StepFixture {
  readonly step: string;
}
export function fixtureParts(
  _f: StepFixture | undefined,
  _s: string,
): { blobs: BlobStore; recorded: TaskSpec | undefined } | undefined {
  return undefined;
}
