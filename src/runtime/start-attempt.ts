import type { Awaitable } from '../base/awaitable.ts';
import type { EventDraft } from '../model/events.ts';
import type { GraphNode } from '../model/graph.ts';
import type {
  AttemptOptions,
  AttemptOutcome,
  Placement,
  RunningAttempt,
} from '../model/ports/executor.ts';
import type { TaskSpec } from '../model/task.ts';
import { ItemRelay } from './item-relay.ts';
import { loggedOutcome } from './logged-outcome.ts';
import type { RunParts } from './run-parts.ts';
import { TaskOutput } from './task-output.ts';

export interface AttemptOf {
  readonly parts: RunParts;
  readonly node: GraphNode;
  readonly placement: Placement;
  /** Writes what the attempt says of its items, and lets follow what follows from it. */
  readonly record: (event: EventDraft) => void;
  readonly recorded: AttemptOptions['recorded'];
}

export interface StartedAttempt {
  readonly spec: TaskSpec;
  readonly running: RunningAttempt;
  /** Resolves when all that it said is recorded and all that it printed is in its files. */
  readonly outcome: Promise<AttemptOutcome>;
}

/**
 * Hands an attempt to the executor; what it prints goes to its log files and to who looks on. An attempt
 * whose output cannot be kept is ended: nobody could say afterwards what it did.
 */
export function startAttempt(
  { parts, node, placement, record, recorded }: AttemptOf,
  spec: TaskSpec,
): StartedAttempt {
  const { dir, readers, executor, options } = parts;
  const { step, position, attempt } = spec;
  const maxBytes = options.maxLogBytes;
  const output = new TaskOutput({
    step,
    position,
    attempt,
    dir,
    readers,
    maxBytes,
    onFailure: (failure) => running.stop(failure),
  });
  const relay = new ItemRelay({ step, position, attempt, parts, record });
  const running = executor.launch(spec, {
    onItems: (notice) => relay.take(notice),
    onLog: (stream, bytes) => output.write(stream, bytes),
    placement,
    recorded,
    ...(node.policy.timeoutMs === undefined ? {} : { timeoutMs: node.policy.timeoutMs }),
  });
  relay.bind(running);
  const log = (ended: AttemptOutcome): Awaitable<AttemptOutcome> => loggedOutcome(ended, output);
  const outcome = running.outcome.then((ended) => {
    const told = relay.end(ended);
    return told instanceof Promise ? told.then(log) : log(told);
  });
  return { spec, running, outcome };
}
