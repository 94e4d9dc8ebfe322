/**
 * Reads the runs of a store: flows, runs, steps, tasks, artifacts, logs and events. Opens nothing
 * before it is asked, takes no lock, and may be used while the runs it reads go on, in steps too.
 *
 * @packageDocumentation
 */
export type { ArtifactChanges, ArtifactRef, Encoding } from '../model/artifact.ts';
export type {
  FlowEvent,
  GangEvent,
  HookEvent,
  OnFailure,
  RunEvent,
  RunOptions,
  RunStarted,
  TaskEvent,
  Usage,
} from '../model/events.ts';
export type { Failure, OutOfMemory, StackFrame, UserError } from '../model/failure.ts';
export type { FlowGraph, GraphEdge, GraphNode } from '../model/graph.ts';
export type { Hash, Position, RunId } from '../model/ids.ts';
export type { AttemptView, TaskView } from '../model/run-view.ts';
export { Artifact } from './artifact.ts';
export type { RunFilter } from './client.ts';
export { Flow, flows } from './flow.ts';
export type { ArtifactsOf, FlowClass, StepNameOf } from './flow-types.ts';
export type { LazyArtifacts } from './lazy-artifacts.ts';
export { Run, type RunCode } from './run.ts';
export type { LogFilter, RunLogChunk } from './run-logs.ts';
export type { RunStatus } from './run-summary.ts';
export { Step } from './step.ts';
export type { StoreOptions } from './store-options.ts';
export { Task } from './task.ts';
