import type { ConfigHandover, ConfigProblem, ResolvedConfigs } from './config.ts';
import type {
  FlowDefinition,
  MutationDigests,
  ParameterProblem,
  RawParameter,
  ResolvedParameters,
} from './definition.ts';
import type { EndedRun } from './exit.ts';
import type { Failure } from './failure.ts';
import type { ItemNotice, TaskFailure, TaskResult, TaskSpec } from './task.ts';

/**
 * What parent and child say to each other, as JSON over the child's own channel (never stdout).
 * A child serves one conversation: load, then any of describe / parameters, then run; one that stays
 * gets the next run then.
 * Every message of the child carries the nonce of its load, so that user code cannot forge one.
 */
export const PROTOCOL_VERSION = 1;

export type ToChild =
  | LoadRequest
  | { readonly type: 'describe' }
  | { readonly type: 'parameters'; readonly raw: { readonly [name: string]: RawParameter } }
  /** `keep`: the child may stay for another task. */
  | { readonly type: 'run'; readonly spec: TaskSpec; readonly keep?: true }
  /** The answer to `secrets`: from now on none of them is shown. */
  | { readonly type: 'secrets-hidden' }
  /** So many more items of the open foreach are wanted. */
  | { readonly type: 'pull'; readonly count: number }
  /**
   * The outcome of a task with items is here. Until then the child stays: a `pull` that is on its way to
   * a process that is gone would break the channel, with the outcome still in it.
   */
  | { readonly type: 'heard' }
  /** After the run: the hook of that index in the definition. */
  | { readonly type: 'hook'; readonly index: number; readonly ended: EndedRun }
  /** Cancel or timeout: `current.signal` fires. TERM and KILL follow from the parent. */
  | { readonly type: 'abort'; readonly reason: string };

export interface LoadRequest {
  readonly type: 'load';
  readonly protocol: typeof PROTOCOL_VERSION;
  readonly nonce: string;
  /** The materialised bundle, absolute. */
  readonly bundle: string;
  /** The user's file, for messages. */
  readonly file: string;
  /** Which flow of the file; absent: the only one. */
  readonly flow?: string;
  /** The store's root folder; absent for a look at the flow that stores nothing. */
  readonly store?: string;
  /** Absent: the first child, and nothing on the command line. */
  readonly configs?: ConfigHandover;
  /** What flow mutators made in the first child, so that all others make the same; absent for that one. */
  readonly mutations?: MutationDigests;
}

export type FromChild = {
  readonly nonce: string;
} /** The module was imported; what is sent before a load failed is `load-failed`. */ & (
  | { readonly type: 'loaded' }
  | { readonly type: 'load-failed'; readonly problem: LoadProblem }
  | { readonly type: 'described'; readonly definition: FlowDefinition }
  | {
      readonly type: 'parameters-resolved';
      readonly values: ResolvedParameters;
      readonly configs: ResolvedConfigs;
    }
  | { readonly type: 'parameters-rejected'; readonly problems: readonly ParameterProblem[] }
  | { readonly type: 'started' }
  /** What the step is about to get, to be hidden before any code of it runs. */
  | { readonly type: 'secrets'; readonly values: readonly string[] }
  /** Before the end of a task whose foreach goes over an async iterable. */
  | ItemNotice
  | {
      readonly type: 'succeeded';
      readonly result: TaskResult;
      readonly used?: UsedByTask;
      readonly stays?: WrittenBytes;
    }
  | { readonly type: 'failed'; readonly failed: TaskFailure; readonly used?: UsedByTask }
  | { readonly type: 'hook-ended' }
);

/** A child that stays says how much it has written in all, so that the parent knows where its output ends. */
export interface WrittenBytes {
  readonly stdout: number;
  readonly stderr: number;
}

/** What a child says of itself at the end of a task, without the processes that it started. */
export interface UsedByTask {
  /** Since its start, or since the task before. */
  readonly cpuMs: number;
  /** Since the same moment on Linux, else since its start. */
  readonly peakRssBytes: number;
}

export type LoadProblem =
  | { readonly kind: 'threw'; readonly failure: Failure }
  /** A decorator that was to be added to every step. */
  | { readonly kind: 'with'; readonly message: string; readonly hint?: string }
  | { readonly kind: 'configs'; readonly problems: readonly ConfigProblem[] }
  | { readonly kind: 'no-flow' }
  | { readonly kind: 'several-flows'; readonly names: readonly string[] }
  | { readonly kind: 'unknown-flow'; readonly asked: string; readonly names: readonly string[] };
