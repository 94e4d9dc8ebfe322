import type { RetryPolicy } from '../../model/definition.ts';
import type { AfterFailure } from '../../model/events.ts';
import type { Failure } from '../../model/failure.ts';
import type { GraphNode } from '../../model/graph.ts';
import { type RunId, type TaskId, taskPath } from '../../model/ids.ts';
import type { TakenTransition } from '../../model/task.ts';
import { wayOn } from './way-on.ts';

/** How often an attempt is placed again when the place, not the task, was at fault. */
export const MAX_PLACEMENTS = 3;

/** As AfterFailure, but without the artifact of a caught failure, which needs a store. */
export type FailureDecision =
  | Exclude<AfterFailure, { readonly kind: 'catch' }>
  | { readonly kind: 'catch'; readonly field: string; readonly transition: TakenTransition };

export interface FailedAttempt {
  readonly run: RunId;
  readonly task: TaskId;
  readonly node: GraphNode;
  readonly failure: Failure;
  /** From 1. */
  readonly attempt: number;
  /** How often this attempt was placed again before. */
  readonly placements: number;
}

/** What follows a failed attempt: policy alone, so that the event that records it says it too. */
export function decideAfterFailure(failed: FailedAttempt): FailureDecision {
  const { failure, node, attempt, placements } = failed;
  const { retry, catch: caught } = node.policy;
  if (failure.kind === 'cancelled') return { kind: 'give-up' };
  if (isInfrastructure(failure) && placements < MAX_PLACEMENTS) return { kind: 'replace' };
  if (retry !== undefined && attempt <= retry.times) {
    return { kind: 'retry', delayMs: retryDelayMs(retry, failed) };
  }
  const transition = caught && wayOn(node.transition, caught);
  if (caught !== undefined && transition !== undefined) {
    return { kind: 'catch', field: caught.field, transition };
  }
  return { kind: 'give-up' };
}

function isInfrastructure(failure: Failure): boolean {
  return failure.kind === 'spawn' || failure.kind === 'lost';
}

function retryDelayMs(policy: RetryPolicy, failed: FailedAttempt): number {
  const { initialDelayMs, factor, maxDelayMs, jitter } = policy;
  const full = Math.min(initialDelayMs * factor ** (failed.attempt - 1), maxDelayMs);
  if (!jitter) return Math.round(full);
  const seed = `${failed.run}/${taskPath(failed.task)}/${failed.attempt}`;
  return Math.round(full * (0.5 + fraction(seed) / 2));
}

/** A number in [0, 1) that depends on the text alone (FNV-1a with a final mix). */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
