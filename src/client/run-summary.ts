import { readLiveness } from '../journal/liveness.ts';
import { readEdges } from '../journal/read.ts';
import { readHeaderOrigin } from '../journal/run-directory.ts';
import { readTagChanges } from '../journal/run-tags.ts';
import { isFlowError } from '../model/errors.ts';
import type { FlowEvent } from '../model/events.ts';
import type { RunId } from '../model/ids.ts';
import { runIdTime } from '../model/run-id.ts';
import { applyTagChanges, systemTags } from '../model/tags.ts';
import type { RunReference } from './run-reference.ts';

/** `lost`: its process is gone without a last word. `unknown`: held elsewhere, not ours to judge. */
export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost' | 'unknown';

export interface RunSummary extends RunReference {
  readonly status: RunStatus;
  /** Of an `unknown` run: where it is held. */
  readonly host?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of a run that ended; for a lost one its last sign of life. */
  readonly endedAt?: number;
  /** As they are now: those of its start, and what was changed since. */
  readonly tags: readonly string[];
  /** What is true of the run, said as tags, e.g. `flow:Weather`; nobody can change them. */
  readonly systemTags: readonly string[];
  readonly origin?: RunId;
  /** False for a run that was ended before its first event: it left nothing. */
  readonly hasBegun: boolean;
}

/** What the files of a run say of its state. */
export interface RunState {
  readonly byLock: StatusPart;
  readonly edges: ReturnType<typeof readEdges>;
}

/** From the first and the last line of the journal, however long it is. */
export function readRunState(dir: string): RunState {
  // The lock before the journal: a run that ends in between has its last event by then.
  const byLock = statusByLock(dir);
  return { byLock, edges: readEdgesIfAny(dir) };
}

/** Then nothing but its tags can change. */
export function isOver({ edges: { last } }: RunState): boolean {
  return last !== undefined && ENDS.has(last.type);
}

const ENDS: ReadonlySet<string> = new Set(['run.succeeded', 'run.failed', 'run.cancelled']);

export function summariseRun(
  reference: RunReference,
  { byLock, edges: { first, last } } = readRunState(reference.dir),
): RunSummary {
  const started = first?.type === 'run.started' ? first : undefined;
  const origin = started === undefined ? readHeaderOrigin(reference.dir) : started.origin;
  return {
    ...reference,
    ...statusOf(byLock, last),
    startedAt: started?.at ?? runIdTime(reference.run),
    tags: applyTagChanges(started?.tags ?? [], readTagChanges(reference.dir)),
    systemTags: started === undefined ? [`flow:${reference.flow}`] : systemTags(started),
    hasBegun: started !== undefined,
    ...(origin === undefined ? {} : { origin }),
  };
}

type StatusPart = Pick<RunSummary, 'status' | 'host' | 'endedAt'>;

/** The last event decides; without one the lock does. */
function statusOf(byLock: StatusPart, last: FlowEvent | undefined): StatusPart {
  if (last === undefined) return byLock;
  const { type, at } = last;
  if (type === 'run.succeeded') return { status: 'succeeded', endedAt: at };
  if (type === 'run.failed') return { status: 'failed', endedAt: at };
  if (type === 'run.cancelled') return { status: 'cancelled', endedAt: at };
  return byLock.status === 'lost' ? { status: 'lost', endedAt: at } : byLock;
}

function statusByLock(dir: string): StatusPart {
  const liveness = readLiveness(dir);
  if (liveness.kind === 'unknown') return { status: 'unknown', host: liveness.host };
  return { status: liveness.kind === 'running' ? 'running' : 'lost' };
}

/** A run that was killed before its first event has no journal, and is still a run. */
export function readEdgesIfAny(dir: string): ReturnType<typeof readEdges> {
  try {
    return readEdges(dir);
  } catch (error) {
    if (isFlowError(error) && error.code === 'JOURNAL_MISSING') return {};
    throw error;
  }
}
