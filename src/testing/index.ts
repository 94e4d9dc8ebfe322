/**
 * Tests of flows: one step, or a whole run, inside the test's own process, by the code that runs them
 * otherwise.
 *
 * @packageDocumentation
 */
export type { FlowClass } from '../flow/steps.ts';
export { FlowError, isFlowError } from '../model/errors.ts';
export type { Failure, UserError } from '../model/failure.ts';
export type { CurrentGiven, FieldsOf, StepGiven } from './given.ts';
export type { TestedStep, TestedTransition } from './step-outcome.ts';
export { testStep } from './test-step.ts';
export { withConfigs } from './with-configs.ts';
