import type { ArtifactsOf, FlowClass } from '../client/flow-types.ts';
import type { Failure } from '../model/failure.ts';
import type { FieldsOf } from './given.ts';

/** What a step did, as a test looks at it. */
export type TestedStep<F extends FlowClass = FlowClass> = TestedCommon<F> &
  (
    | {
        readonly status: 'succeeded';
        /** How it went on. */
        readonly next: TestedTransition;
        readonly error?: undefined;
        readonly failure?: undefined;
      }
    | {
        readonly status: 'failed';
        /** What it threw. */
        readonly error: unknown;
        /** The same as a run would record it. */
        readonly failure: Failure;
        readonly next?: undefined;
      }
  );

interface TestedCommon<F extends FlowClass> {
  /** The fields that it set, or changed in place; of a failed step too. */
  readonly artifacts: FieldsOf<F>;
  /** The fields that it deleted. */
  readonly deleted: readonly string[];
  /** All that the next step would see, parameters included. */
  readonly data: Partial<ArtifactsOf<F>>;
  /** What it printed. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Where `this.next` led. */
export type TestedTransition =
  | { readonly kind: 'end' }
  | { readonly kind: 'next'; readonly to: readonly string[] }
  | { readonly kind: 'foreach'; readonly to: string; readonly items: readonly unknown[] }
  | { readonly kind: 'switch'; readonly case: string; readonly to: string }
  | { readonly kind: 'gang'; readonly to: string; readonly size: number };
