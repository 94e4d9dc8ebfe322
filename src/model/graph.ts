import type { StepPolicy } from './definition.ts';
import type { SourceSpan } from './diagnostic.ts';

/**
 * The one graph that every front end compiles to and that the scheduler runs. Plain JSON; its hash
 * is in the run header. `nodes` are in declaration order; `edges` of a node in the order of `next`.
 */
export interface FlowGraph {
  readonly flow: string;
  readonly doc?: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** A step, as its class and its text declare it. */
export interface GraphNode {
  readonly name: string;
  readonly takes: 'nothing' | 'item' | 'inputs';
  /** Only for steps that take inputs: a branch join, or the join that closes a foreach. */
  readonly joins: 'none' | 'branches' | 'frame';
  /** Joins of a frame: the splitting step whose foreach this closes. Branch joins: their fork. */
  readonly closes?: string;
  readonly fires: FireRule;
  /** The levels around the step, outermost first. Their number is the step's depth. */
  readonly levels: readonly GraphLevel[];
  readonly transition: GraphTransition;
  readonly policy: StepPolicy;
  readonly decorators: readonly string[];
  /** Fields that the method's text assigns (`this.x = …`), for joins and lint. */
  readonly sets: readonly string[];
  readonly doc?: string;
  readonly span?: SourceSpan;
  /** sha256 of the method's text, as it is bundled: a resume tells which steps were changed. */
  readonly source?: string;
}

/** When a step fires, once all its in-edges have a token. Class flows use `anyLive`. */
export type FireRule = 'anyLive' | 'allLive' | 'allDone' | 'oneFailed' | 'noneFailed' | 'always';

export type GraphLevel =
  | { readonly kind: 'foreach'; readonly step: string }
  | { readonly kind: 'loop'; readonly head: string };

/** How the method ends, statically. */
export type GraphTransition =
  | { readonly kind: 'end' }
  /** One target: linear; several: a split. */
  | { readonly kind: 'next'; readonly to: readonly string[] }
  | { readonly kind: 'foreach'; readonly to: string; readonly field?: string }
  | { readonly kind: 'switch'; readonly cases: readonly SwitchCase[]; readonly field?: string }
  /** `size` where the text says it. */
  | { readonly kind: 'gang'; readonly to: string; readonly size?: number };

export interface SwitchCase {
  /** The case key as text: `'small'`, `'true'`, `'3'`. */
  readonly label: string;
  readonly to: string;
}

/** A way from one step to another. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'next' | 'foreach' | 'case' | 'back' | 'gang';
  /** Cases: their keys (several cases may lead to one step). */
  readonly labels?: readonly string[];
}
