/**
 * Runs flows from programs, with the scheduler, the processes and the store of `flow run`.
 *
 * @packageDocumentation
 */
export type { FlowClass } from '../client/flow-types.ts';
export { FlowError, isFlowError } from '../model/errors.ts';
export type { FlowEvent, RunOptions } from '../model/events.ts';
export type { LogLine } from '../model/reader.ts';
export type { RunCallbacks } from './callbacks.ts';
export type { Executing, ExecutingStatus, WaitOptions } from './executing.ts';
export { ExecutingRun } from './executing-run.ts';
export { ExecutingTask } from './executing-task.ts';
export type { ParametersOf } from './parameter-values.ts';
export type { RunnerProgress, StepCounts } from './progress-counts.ts';
export type { ForeseenResume } from './resume/foresee-resume.ts';
export { Runner } from './runner.ts';
export type {
  ResumeSelection,
  RunnerOptions,
  RunnerResumeOptions,
  RunnerRunOptions,
  RunnerSpinOptions,
} from './runner-options.ts';
