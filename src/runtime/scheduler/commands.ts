import type { EventDraft, FailedTask } from '../../model/events.ts';
import type { Failure } from '../../model/failure.ts';

/**
 * What a scheduler is told: the facts of the run, and that a delay it asked for is over. It passes
 * the times on and decides nothing by them.
 */
export type SchedulerEvent = (EventDraft | ({ readonly type: 'timer.fired' } & FailedTask)) & {
  /** Milliseconds since the epoch. */
  readonly at?: number;
};

/** What a task says of its items before its end. */
export type StreamEvent = Extract<
  EventDraft,
  { readonly type: 'foreach.opened' | 'foreach.yielded' }
>;

/** What a scheduler asks for. The loop carries it out and answers with events. */
export type Command =
  | ({ readonly type: 'launch'; readonly readyAtMs?: number } & FailedTask)
  /** At the same time or not at all. Answer with `task.launched` for each, then with one gang event. */
  | {
      readonly type: 'launch-gang';
      readonly readyAtMs?: number;
      readonly members: readonly FailedTask[];
    }
  /** Answer with `task.cloned`: nothing runs, so it takes no slot. */
  | ({ readonly type: 'clone' } & FailedTask)
  /** Send `timer.fired` for this attempt after the delay. It holds no slot. */
  | ({ readonly type: 'wait'; readonly delayMs: number } & FailedTask)
  /** Let the task yield so many more items of its open foreach. */
  | ({ readonly type: 'pull'; readonly count: number } & FailedTask)
  /** End these attempts; each is still answered by its own event. */
  | { readonly type: 'stop-tasks'; readonly reason: string; readonly tasks: readonly FailedTask[] }
  /** Nothing runs and nothing will: the last command of a run. */
  | { readonly type: 'finish'; readonly outcome: RunOutcome };

export type RunOutcome =
  | { readonly kind: 'succeeded' }
  /** The first task that failed for good. */
  | { readonly kind: 'failed'; readonly task: FailedTask; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly reason: string };

/** The tasks that a command launches; none for a command that launches nothing. */
export function launchedBy(command: Command): readonly FailedTask[] {
  if (command.type === 'launch-gang') return command.members;
  return command.type === 'launch' ? [command] : [];
}
