import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { DecoratorName, StepDecorator } from '../step-mark.ts';

/** A flow mutator of your own. */
export interface FlowMutatorDefinition<Given, Options = Given> {
  /** What messages call it: letters, digits and `_`. */
  readonly name: string;
  /** A Standard Schema of its options, read once where the flow is loaded; it must be synchronous. */
  readonly options?: StandardSchemaV1<Given, Options>;
  /**
   * Changes the flow, in every process that loads it. It must do the same in each: run after run of
   * it, whatever the time, the process or chance. It must not be async.
   */
  mutate(mutation: FlowMutation<Options>): void;
}

/** What a flow mutator is given. */
export interface FlowMutation<Options = unknown> {
  readonly flow: MutableFlow;
  /** As they were given, or as the mutator's schema made them. */
  readonly options: Options;
}

/**
 * A flow as its mutators see it: what the classes declare, with what mutators before made of it. It
 * can be changed only while the mutator runs.
 *
 * What does not fit (a step that is not there, a parameter that is) is a problem of the flow: all of
 * them are told at once, as `flow check` does, and nothing starts.
 */
export interface MutableFlow {
  /** The name that the flow's module exports it by. */
  readonly name: string;
  /** In the order in which they are declared, base classes first. */
  readonly steps: readonly MutableStep[];
  /** The names of the parameters, as they are now. */
  readonly parameters: readonly string[];
  /** The step of that name. */
  step(name: string): MutableStep;
  /**
   * Adds a parameter, which steps read as `this.name`; for the compiler, declare the field:
   * `declare readonly name: boolean`.
   *
   * @param parameter What `param.*` returns.
   * @example flow.addParameter('dryRun', param.boolean({ default: false }));
   */
  addParameter(name: string, parameter: unknown): void;
  /** Takes the parameter away: nobody can give it, and its field has no value. */
  removeParameter(name: string): void;
}

/** A step of a {@link MutableFlow}. */
export interface MutableStep {
  readonly name: string;
  /** As `flow show` shows them, the outermost first: `retry(times=2)`. */
  readonly decorators: readonly string[];
  /** Whether the step has a decorator of that name: `'retry'`. */
  has(decorator: DecoratorName | (string & {})): boolean;
  /**
   * Adds a decorator, outside of those that the step has. One of ours can be there only once: ask
   * `has` first, or `remove` it.
   *
   * @example step.add(retry({ times: 2 }));
   */
  add(decorator: StepDecorator, options?: AddDecoratorOptions): void;
  /** Takes away all decorators of that name; false if there was none. */
  remove(decorator: DecoratorName | (string & {})): boolean;
}

/** How {@link MutableStep.add} adds a decorator. */
export interface AddDecoratorOptions {
  /** Of code around the step: where. Default `'outside'`: around all that is there already. */
  readonly place?: 'outside' | 'inside';
}
