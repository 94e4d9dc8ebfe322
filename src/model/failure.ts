import type { Json } from '../base/json.ts';

/** Why an attempt did not succeed, as data: it lives in events and results and is never thrown. */
export type Failure =
  | UserError
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** `import`: of the flow's file, before the step began. */
  | { readonly kind: 'timeout'; readonly afterMs: number; readonly during?: 'import' }
  | OutOfMemory
  | { readonly kind: 'spawn'; readonly message: string; readonly errno?: string }
  | { readonly kind: 'lost'; readonly message: string }
  | { readonly kind: 'protocol'; readonly message: string }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'upstream'; readonly task: string };

/** More memory than was allowed, or than there was. */
export interface OutOfMemory {
  readonly kind: 'out-of-memory';
  /**
   * `limit`: the process and all that it started used more than `@resources({ memory })`. `heap`: V8
   * gave up. `kernel`: the system killed it. Absent in older journals: `limit`.
   */
  readonly by?: 'limit' | 'heap' | 'kernel';
  /** What the step asked for, if it did. */
  readonly limitBytes?: number;
  /** The most that was seen, if it was seen at all. */
  readonly usedBytes?: number;
  /** How it got there. */
  readonly curve?: readonly MemorySample[];
}

/** The memory of an attempt so long after its launch. */
export interface MemorySample {
  readonly atMs: number;
  readonly bytes: number;
}

/** An exception of the user's code (or a misuse of the flow API inside a step). */
export interface UserError {
  readonly kind: 'user-error';
  readonly name: string;
  readonly message: string;
  /** Frames only, the user's first, in TypeScript line numbers; no message line. */
  readonly frames: readonly StackFrame[];
  readonly code?: string;
  /** The remedy, when the error is one of ours. */
  readonly hint?: string;
  /** Own enumerable fields that JSON can hold. */
  readonly fields?: { readonly [name: string]: Json };
  readonly cause?: UserError;
  /** The custom decorator whose code threw it, and not the step's. */
  readonly decorator?: string;
}

/** One call of a stack. */
export interface StackFrame {
  readonly function?: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** False for frames of node_modules, Node itself and Millrace. */
  readonly own: boolean;
}
