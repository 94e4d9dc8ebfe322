import type { ArtifactsOf, FlowClass, StepNameOf } from '../client/flow-types.ts';
import type { CurrentFacts } from '../flow/current.ts';
import type { ForeachFrame } from '../flow/step-host.ts';
import type { ParametersOf } from '../runner/parameter-values.ts';
import type { StepFixture } from './step-fixture.ts';

/** The fields of a flow that steps assign: all but the parameters. */
export type FieldsOf<F extends FlowClass> = FlowClass extends F
  ? { readonly [name: string]: unknown }
  : {
      readonly [K in Exclude<keyof ArtifactsOf<F>, keyof ParametersOf<F>>]?:
        | ArtifactsOf<F>[K]
        | undefined;
    };

/** What a step takes as its argument, if it takes one. */
type ArgumentOf<F extends FlowClass, S> = S extends keyof InstanceType<F>
  ? InstanceType<F>[S] extends (argument: infer A) => unknown
    ? A
    : never
  : unknown;

/** What a test gives a step; what is left out is as in a run that did nothing before the step. */
export interface StepGiven<F extends FlowClass, S extends string = string> {
  /**
   * What earlier steps left in fields. A field that is not named has its initial value; one that is
   * given as `undefined` has none. For a join: what its fork had.
   */
  readonly artifacts?: FieldsOf<F>;
  /** Checked as in a run; what is not given has its default. The environment is not looked at. */
  readonly parameters?: ParametersOf<F>;
  /** For a step inside a foreach: its item. */
  readonly item?: ArgumentOf<F, S>;
  /**
   * For a join: what each input had set, beside what the fork had. A list, in order, for the join of a
   * foreach; by the names of the steps for the join of a split.
   */
  readonly inputs?: readonly FieldsOf<F>[] | { readonly [K in StepNameOf<F>]?: FieldsOf<F> };
  /** What `current` shows, where it matters. */
  readonly current?: CurrentGiven;
  /** Inputs that were recorded in a run; what is given besides stands instead of them. */
  readonly fixture?: StepFixture;
  /** How many items a foreach may have. Default: 1,000,000. */
  readonly maxSplits?: number;
  /** Prints what the step prints as well. Default: false. */
  readonly showOutput?: boolean;
}

/** A part of what `current` shows. */
export interface CurrentGiven
  extends Partial<Pick<CurrentFacts, 'attempt' | 'taskId' | 'runId' | 'tags' | 'signal'>> {
  /** The open foreaches, outermost first; the last one's item is the step's. */
  readonly foreachStack?: readonly Partial<ForeachFrame>[];
  /** A gang's member: its place. Default: a gang of one. */
  readonly parallel?: { readonly index: number; readonly size: number };
}
