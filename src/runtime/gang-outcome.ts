import type { EventDraft, Usage } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import { taskPath } from '../model/ids.ts';
import type { AttemptOutcome } from '../model/ports/executor.ts';
import type { TaskResult, TaskSpec } from '../model/task.ts';
import type { StartedAttempt } from './start-attempt.ts';

/** How a gang ended, in index order. One that fails ends all the others. */
export type GangOutcome =
  | { readonly kind: 'succeeded'; readonly members: Succeeded['members'] }
  | ({ readonly kind: 'failed' } & Pick<Failed, 'failure' | 'failed' | 'members'>);

type Succeeded = Extract<EventDraft, { readonly type: 'gang.succeeded' }>;
type Failed = Extract<EventDraft, { readonly type: 'gang.failed' }>;

export interface GangRules {
  /** Why a member's result cannot be taken, if so. */
  readonly refuse: (spec: TaskSpec, result: TaskResult) => Failure | undefined;
  /** What is said of each member's use beside what its process says. */
  readonly queuedMs: number;
}

/** Waits until every member is over; the first that fails decides how the gang ended. */
export async function awaitGang(
  gang: readonly StartedAttempt[],
  { refuse, queuedMs }: GangRules,
): Promise<GangOutcome> {
  let first: Pick<Failed, 'failure' | 'failed'> | undefined;
  const ends = await Promise.all(
    gang.map(async (one) => {
      const end = refused(one.spec, await one.outcome, refuse);
      if (end.kind === 'failed' && first === undefined) {
        first = { failure: end.failed.failure, failed: one.spec.position };
        stopOthers(gang, one);
      }
      return { position: one.spec.position, end, usage: { ...end.usage, queuedMs } };
    }),
  );
  if (first === undefined) return { kind: 'succeeded', members: ends.flatMap(resultOf) };
  const { step } = gang[0]?.spec ?? {};
  const lost: Failure = endedWith(`${step}/${first.failed}`);
  return { kind: 'failed', ...first, members: ends.map((one) => lossOf(one, lost)) };
}

interface End {
  readonly position: TaskSpec['position'];
  readonly end: AttemptOutcome;
  readonly usage: Usage;
}

function resultOf({ position, end, usage }: End): Succeeded['members'] {
  return end.kind === 'succeeded' ? [{ position, ...end.result, usage }] : [];
}

/** What a member had set stays readable, also of one that was done. */
function lossOf({ position, end, usage }: End, lost: Failure): Failed['members'][number] {
  if (end.kind === 'failed') return { position, ...end.failed, usage };
  return { position, failure: lost, changes: end.result.changes, usage };
}

function refused(
  spec: TaskSpec,
  outcome: AttemptOutcome,
  refuse: GangRules['refuse'],
): AttemptOutcome {
  if (outcome.kind === 'failed') return outcome;
  const failure = refuse(spec, outcome.result);
  if (failure === undefined) return outcome;
  const { changes } = outcome.result;
  return { kind: 'failed', usage: outcome.usage, failed: { failure, changes } };
}

function stopOthers(gang: readonly StartedAttempt[], failed: StartedAttempt): void {
  const lost = endedWith(taskPath(failed.spec));
  for (const other of gang) if (other !== failed) other.running.stop(lost);
}

function endedWith(member: string): Failure {
  return { kind: 'cancelled', reason: `${member}, a task of the same gang, failed` };
}
