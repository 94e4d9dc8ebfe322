/**
 * Runs flows from programs, with the scheduler, the processes and the store of `flow run`.
 *
 * @packageDocumentation
 */
export type { FlowClass } from '../client/flow-types.ts';
export { FlowError, isFlowError } from '../model/errors.ts';
export type { FlowEvent, RunOptions } from '../model/events.ts';
export type { LogLine } from '../model/reader.ts';
export { ExecutingRun, type ExecutingStatus, type WaitOptions } from './executing-run.ts';
export type { ParametersOf } from './parameter-values.ts';
export { Runner, type RunnerOptions, type RunnerRunOptions } from './runner.ts';
