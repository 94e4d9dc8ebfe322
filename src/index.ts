/**
 * Millrace: flows as TypeScript classes. Everything that a flow file imports is here.
 *
 * @packageDocumentation
 */

export type { Duration } from './base/duration.ts';
export type { Json } from './base/json.ts';
export {
  type ConfigOptions,
  config,
  type Frozen,
  type SchemaConfigOptions,
} from './flow/config.ts';
export { type CurrentFacts, current, type ParallelFacts } from './flow/current.ts';
export { type CatchErrorOptions, catchError } from './flow/decorators/catch-error.ts';
export { environment } from './flow/decorators/environment.ts';
export { isolate } from './flow/decorators/isolate.ts';
export { type LimitOptions, limit } from './flow/decorators/limit.ts';
export { type ResourceOptions, resources } from './flow/decorators/resources.ts';
export { type BackoffOptions, type RetryOptions, retry } from './flow/decorators/retry.ts';
export { secretFrom, secrets } from './flow/decorators/secrets.ts';
export { step } from './flow/decorators/step.ts';
export {
  type CustomStepDecorator,
  type StepDecoratorDefinition,
  stepDecorator,
} from './flow/decorators/step-decorator.ts';
export { timeout } from './flow/decorators/timeout.ts';
export { type FieldDecorator, transient } from './flow/decorators/transient.ts';
export type { ExitHook, ExitHooks } from './flow/exit-hooks.ts';
export { FlowSpec } from './flow/flow-spec.ts';
export type { Input, Inputs } from './flow/inputs.ts';
export {
  type FlowDecorator,
  type FlowMutator,
  flowMutator,
} from './flow/mutators/flow-mutator.ts';
export type {
  AddDecoratorOptions,
  MutableFlow,
  MutableStep,
} from './flow/mutators/mutable-flow.ts';
export {
  type ElementKind,
  type FileParameterOptions,
  type ListParameterOptions,
  type NumberParameterOptions,
  type OptionalParameter,
  type ParameterOptions,
  param,
  type SecretParameterOptions,
} from './flow/parameters/param.ts';
export type { LaunchContext } from './flow/parameters/parameter.ts';
export type { BuiltInSecretSource, SecretProvider, SecretSource } from './flow/secret-source.ts';
export type { ForeachFrame, MergeOptions } from './flow/step-host.ts';
export type { StepDecorator } from './flow/step-mark.ts';
export type { StepOptions, StepTable } from './flow/step-table.ts';
export type { SkippedWay, StepHooks, WrappedStep } from './flow/step-wrapper.ts';
export type { Diagnostic, SourceSpan } from './model/diagnostic.ts';
export { FlowError, type FlowErrorOptions, isFlowError } from './model/errors.ts';
export type { EndedFailure, EndedRun, RunStatusAtEnd } from './model/exit.ts';
export { artifact, type FileOptions } from './store/artifact-file.ts';
export { type Codec, registerCodec } from './store/codecs/registry.ts';
export type { DirectoryArtifact } from './store/files/directory-artifact.ts';
export type { FileArtifact } from './store/files/file-artifact.ts';
