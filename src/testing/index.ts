/**
 * Tests of flows: one step, or a whole run, inside the test's own process, by the code that runs them
 * otherwise.
 *
 * @packageDocumentation
 */
export type { Duration } from '../base/duration.ts';
export type { FlowClass } from '../flow/steps.ts';
export { FlowError, isFlowError } from '../model/errors.ts';
export type { FlowEvent } from '../model/events.ts';
export type { Failure, UserError } from '../model/failure.ts';
export { FakeTime } from './fake-time.ts';
export { fixtureFrom, loadFixture } from './fixture.ts';
export type { CurrentGiven, FieldsOf, StepGiven } from './given.ts';
export {
  fail,
  type InjectedFailure,
  type InjectionOptions,
  kill,
  outOfMemory,
  timeout,
} from './injected-failure.ts';
export type { StepFixture } from './step-fixture.ts';
export type { TestedStep, TestedTransition } from './step-outcome.ts';
export { type TestFlowOptions, testFlow } from './test-flow.ts';
export { type TestResumeOptions, TestRun } from './test-run.ts';
export type { TestRunOptions } from './test-run-options.ts';
export { testStep } from './test-step.ts';
export { withConfigs } from './with-configs.ts';
