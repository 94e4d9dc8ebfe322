import type { ArtifactTable } from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import type { GraphNode } from '../model/graph.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { TaskSpec } from '../model/task.ts';
import type { CurrentGiven } from './given.ts';
import type { ReadFlow } from './read-flow.ts';

/** What a test gives, without its types. */
export interface PlainGiven {
  readonly artifacts?: object;
  readonly item?: unknown;
  readonly inputs?: readonly object[] | { readonly [step: string]: object | undefined };
  readonly current?: CurrentGiven;
  readonly maxSplits?: number;
}

export interface SpecRequest {
  readonly read: ReadFlow;
  readonly node: GraphNode;
  readonly given: PlainGiven;
  readonly parameters: ArtifactTable;
  readonly blobs: BlobStore;
  /** What a run recorded of such a task. */
  readonly recorded: TaskSpec | undefined;
}

/** Throws FlowError `TEST_GIVEN` where what a test gives does not fit the step. */
export function refuse(isWrong: boolean, message: string, hint = 'leave it out'): void {
  if (isWrong) throw new FlowError(message, { code: 'TEST_GIVEN', hint });
}
