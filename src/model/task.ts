import type { ArtifactChanges, ArtifactRef, ArtifactTable } from './artifact.ts';
import type { Failure } from './failure.ts';
import type { GraphTransition } from './graph.ts';
import type { Hash, Position, RunId } from './ids.ts';

/**
 * The contract of a worker: a function from TaskSpec to TaskResult over a blob store. It names
 * everything the step may see; a worker knows no journal, no graph and no other task.
 */
export interface TaskSpec {
  readonly run: RunFacts;
  readonly step: string;
  readonly position: Position;
  /** From 1. */
  readonly attempt: number;
  readonly takes: 'nothing' | 'item' | 'inputs';
  /** What `next` may do here. */
  readonly transition: GraphTransition;
  readonly parameters: ArtifactTable;
  /** What the step starts with (for a join: what is unchanged in every input since the fork). */
  readonly artifacts: ArtifactTable;
  /** True for the flow's first task, which records the initial values of fields. */
  readonly initial: boolean;
  /** Open foreaches, outermost first. */
  readonly frames: readonly ItemFrame[];
  /** Joins: a JoinInputs value, in the store. */
  readonly inputs?: ArtifactRef;
  readonly maxSplits: number;
  /** A retry of a foreach over an async iterable: what an earlier attempt yielded has started. */
  readonly yielded?: YieldedItems;
  /** Members of a gang. */
  readonly parallel?: ParallelPlace;
  /** Where `current.tempDir` is; removed after the attempt. */
  readonly tempDir: string;
  readonly environment?: { readonly [name: string]: string };
  /** Wait for a debugger before the step runs. */
  readonly inspect?: true;
}

/** The items that an attempt has yielded so far; a later attempt must yield the same again. */
export interface YieldedItems {
  readonly count: number;
  readonly digest: Hash;
  /** What they started with. */
  readonly changes: ArtifactChanges;
}

export interface RunFacts {
  readonly id: RunId;
  readonly flow: string;
  readonly tags: readonly string[];
  readonly origin?: RunId;
}

/** One open foreach, as a task inside it sees it. */
export interface ItemFrame {
  readonly step: string;
  readonly index: number;
  /** Unknown while an async iterable is still open. */
  readonly size?: number;
  readonly item: ItemRef;
}

/** Where a member of a gang stands in it. */
export interface ParallelPlace {
  /** From 0; member 0 is the control. */
  readonly index: number;
  readonly size: number;
  /** `host:port`, for the members to meet at. */
  readonly mainAddress: string;
}

/** An item: a slot of a page. A page is a CBOR array of encoded items (each a byte string). */
export interface ItemRef {
  readonly page: ArtifactRef;
  readonly slot: number;
}

/** What a join reads, in declaration or index order. The parent writes it into the store. */
export interface JoinInputs {
  /** What the fork had: every input has it too, save what its `changes` say. */
  readonly base: ArtifactTable;
  readonly items: readonly JoinInput[];
  /** Fields that the steps between fork and join could set: reading one of them is an error. */
  readonly couldSet: readonly string[];
}

export interface JoinInput {
  readonly step: string;
  readonly position: Position;
  readonly changes: ArtifactChanges;
}

export interface TaskResult {
  readonly changes: ArtifactChanges;
  readonly transition: TakenTransition;
}

/** What a task says of a foreach over an async iterable before its end. */
export type ItemNotice =
  /** The step has ended; what it had set by then is what its items start with. */
  | { readonly type: 'opened'; readonly to: string; readonly changes: ArtifactChanges }
  /** The next items; `digest` is over all of them so far. */
  | { readonly type: 'yielded'; readonly page: ItemPage; readonly digest: Hash };

/** What a failed attempt leaves: readable on the attempt, seen by nobody downstream. */
export interface TaskFailure {
  readonly failure: Failure;
  readonly changes: ArtifactChanges;
}

/** What `next` did. Names are checked against the graph by the parent. */
export type TakenTransition =
  | { readonly kind: 'end' }
  | { readonly kind: 'next'; readonly to: readonly string[] }
  | {
      readonly kind: 'foreach';
      readonly to: string;
      readonly size: number;
      readonly pages: readonly ItemPage[];
    }
  /** The items of a gang are the numbers of its members. */
  | {
      readonly kind: 'gang';
      readonly to: string;
      readonly size: number;
      readonly pages: readonly ItemPage[];
    }
  | { readonly kind: 'switch'; readonly to: string; readonly label: string };

/** Pages are in index order and without gaps. */
export interface ItemPage {
  readonly first: number;
  readonly count: number;
  readonly ref: ArtifactRef;
  /** The items have keys: they stand on the page behind all items, in the same order. */
  readonly keyed?: true;
}

/** What tells an item apart from the others of its foreach, in a later run too. */
export type ItemKey = string | number;
