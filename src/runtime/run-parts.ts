import type { RunIndexer } from '../journal/run-indexer.ts';
import type { ResolvedParameters } from '../model/definition.ts';
import type { RunOptions } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { Time } from '../model/ports/clock.ts';
import type { Executor } from '../model/ports/executor.ts';
import type { JournalWriter } from '../model/ports/journal.ts';
import type { EventReader } from '../model/reader.ts';
import type { RunFacts } from '../model/task.ts';
import type { ResumePlan } from './resume/resume-plan.ts';
import type { Scheduler } from './scheduler/scheduler.ts';

/** What a run is put together from. */
export interface RunParts {
  readonly graph: FlowGraph;
  readonly run: RunFacts;
  readonly parameters: ResolvedParameters;
  readonly options: RunOptions;
  /** The run's folder in the store. */
  readonly dir: string;
  /** The run's folder in the system's temporary folder; each attempt gets one inside. */
  readonly tempDir: string;
  readonly blobs: BlobStore;
  readonly journal: JournalWriter;
  /** Told of every event. */
  readonly indexer: RunIndexer;
  readonly scheduler: Scheduler;
  readonly time: Time;
  readonly executor: Executor;
  readonly readers: readonly EventReader[];
  /** Present in a run that takes results over from another one. */
  readonly resume?: ResumePlan;
}
