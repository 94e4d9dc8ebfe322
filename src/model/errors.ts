import type { Json } from '../base/json.ts';
import type { Diagnostic } from './diagnostic.ts';

/** Process exit codes, as documented in docs/cli.md. */
export const EXIT = {
  ok: 0,
  /** A run exists and did not succeed; for check, fsck, diff: findings. */
  failed: 1,
  /** Nothing was started: usage, bad input, environment. */
  notStarted: 2,
  /** A bug in Millrace. */
  bug: 70,
} as const;

const FLOW_ERROR = Symbol.for('millrace.FlowError');

/** What a {@link FlowError} tells beside its message. */
export interface FlowErrorOptions {
  /** Stable, upper-case: `FLOW_FILE_MISSING`, `STORE_NOT_WRITABLE`, … */
  readonly code: string;
  /** The remedy, as one sentence. */
  readonly hint?: string;
  readonly details?: Json;
  /** Default 2: nothing was started. */
  readonly exitCode?: number;
  readonly diagnostics?: readonly Diagnostic[];
  readonly cause?: unknown;
}

/** Misuse, or an environment that does not allow the work: one sentence for the person who gets it. */
export class FlowError extends Error {
  readonly [FLOW_ERROR] = true;
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Json | undefined;
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, options: FlowErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FlowError';
    this.code = options.code;
    this.hint = options.hint;
    this.details = options.details;
    this.exitCode = options.exitCode ?? EXIT.notStarted;
    this.diagnostics = options.diagnostics ?? [];
  }
}

/** True across copies of this package: the flow's bundle and the scheduler each have their own. */
export function isFlowError(value: unknown): value is FlowError {
  return typeof value === 'object' && value !== null && FLOW_ERROR in value;
}

/** A state that cannot be: a bug in Millrace, never the user's fault. Exit code 70. */
export class InternalError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(`This is a bug in Millrace: ${message}`, options);
    this.name = 'InternalError';
  }
}
