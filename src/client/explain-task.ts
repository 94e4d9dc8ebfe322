import type { AfterFailure, FlowEvent } from '../model/events.ts';
import type { Failure } from '../model/failure.ts';
import type { GraphNode } from '../model/graph.ts';
import { type Position, type TaskId, type TaskPath, taskPath } from '../model/ids.ts';
import type { RunLineage } from '../model/run-lineage.ts';
import type { RunView, TaskView } from '../model/run-view.ts';
import type { TakenTransition } from '../model/task.ts';
import type { RunReading } from './run-reading.ts';

/** Why a task is as it is: one fact after the other, the nearest first. */
export type Reason =
  | { readonly kind: 'begins-the-flow' }
  | { readonly kind: 'led-to-by'; readonly tasks: readonly TaskPath[] }
  | { readonly kind: 'taken-over'; readonly origin: string }
  /** In a resumed run: why its result was not taken over. */
  | { readonly kind: 'not-done-in-origin'; readonly origin: string; readonly status: string }
  | {
      readonly kind: 'ran-again';
      readonly origin: string;
      /** Inputs that ran again too; none: somebody asked for it, or the step changed its place. */
      readonly inputs: readonly TaskPath[];
    }
  | {
      readonly kind: 'failed';
      readonly attempt: number;
      readonly failure: Failure;
      readonly then: AfterFailure['kind'];
    }
  | { readonly kind: 'running' }
  /** It never was, since a task before it went elsewhere, failed, or never was either. */
  | {
      readonly kind: 'went-elsewhere';
      readonly task: TaskPath;
      readonly transition: TakenTransition;
    }
  | { readonly kind: 'waits-for'; readonly task: TaskPath }
  | {
      readonly kind: 'needs-failed';
      readonly task: TaskPath;
      readonly failure: Failure | undefined;
    }
  | { readonly kind: 'no-such-place' }
  | { readonly kind: 'run-stopped'; readonly reason: string };

/** Throws FlowError `STEP_NOT_FOUND`. */
export async function explainTask(reading: RunReading, task: TaskId): Promise<readonly Reason[]> {
  await reading.requireStep(task.step);
  const [view, lineage, graph] = await Promise.all([
    reading.view(),
    reading.lineage(),
    reading.graph(),
  ]);
  const found = view.tasks.get(taskPath(task));
  const node = graph.nodes.find(({ name }) => name === task.step);
  if (found === undefined) return explainAbsence(task, { view, lineage, node });
  return [
    ...(await explainStart(found, { reading, view, lineage })),
    ...(await explainAttempts(reading, found)),
  ];
}

interface Known {
  readonly reading: RunReading;
  readonly view: RunView;
  readonly lineage: RunLineage;
}

async function explainStart(task: TaskView, known: Known): Promise<readonly Reason[]> {
  const inputs = known.lineage.inputsOf(task);
  const led: Reason =
    inputs.length === 0
      ? { kind: 'begins-the-flow' }
      : { kind: 'led-to-by', tasks: inputs.map(taskPath) };
  const origin = known.view.started?.origin;
  if (origin === undefined) return [led];
  if (task.status === 'cloned') return [led, { kind: 'taken-over', origin }];
  return [led, await explainRerun(task, inputs, { ...known, origin })];
}

async function explainRerun(
  task: TaskView,
  inputs: readonly TaskId[],
  { reading, view, origin }: Known & { readonly origin: string },
): Promise<Reason> {
  const position = await positionInOrigin(reading, task);
  const there = position === null ? undefined : await originView(reading, origin);
  const before = there?.tasks.get(taskPath({ ...task, position: position ?? task.position }));
  if (before?.result === undefined) {
    return { kind: 'not-done-in-origin', origin, status: before?.status ?? 'absent' };
  }
  const again = inputs.map(taskPath).filter((path) => view.tasks.get(path)?.status !== 'cloned');
  return { kind: 'ran-again', origin, inputs: again };
}

/** Where its item has the same key; null where none has. */
async function positionInOrigin(
  reading: RunReading,
  task: TaskView,
): Promise<Position | null | undefined> {
  let found: Position | null | undefined;
  await reading.client.readRun(reading.reference, (event) => {
    if (event.type !== 'task.launched' || taskPath(event) !== taskPath(task)) return;
    found = event.originPosition;
  });
  return found;
}

/** Undefined where the origin has been deleted. */
async function originView(reading: RunReading, origin: string): Promise<RunView | undefined> {
  const { client, reference } = reading;
  for (const run of await client.references(reference.flow)) {
    if (run.run === origin) return client.readRun(run);
  }
  return undefined;
}

async function explainAttempts(reading: RunReading, task: TaskView): Promise<readonly Reason[]> {
  const reasons: Reason[] = [];
  const collect = (event: FlowEvent): void => {
    if (event.type !== 'task.failed' || taskPath(event) !== taskPath(task)) return;
    const { attempt, failure, then } = event;
    reasons.push({ kind: 'failed', attempt, failure, then: then.kind });
  };
  await reading.client.readRun(reading.reference, collect);
  return task.status === 'running' ? [...reasons, { kind: 'running' }] : reasons;
}

interface Absence {
  readonly view: RunView;
  readonly lineage: RunLineage;
  readonly node: GraphNode | undefined;
}

/** Along the tasks that could have led to it, back to the first that exists. */
function explainAbsence(task: TaskId, { view, lineage, node }: Absence): readonly Reason[] {
  const reasons: Reason[] = [];
  const seen = new Set<TaskPath>();
  const look = (at: TaskId): void => {
    const sources = lineage.sourcesOf(at);
    if (sources.length === 0 && node?.levels.length !== 0) reasons.push({ kind: 'no-such-place' });
    for (const source of sources) {
      const path = taskPath(source);
      if (seen.has(path)) continue;
      seen.add(path);
      const found = view.tasks.get(path);
      if (found === undefined) look(source);
      else reasons.push(...explainSource(found, { at, lineage }));
    }
  };
  look(task);
  const stopping =
    view.stopping ?? (view.end?.status === 'cancelled' ? view.end.reason : undefined);
  if (stopping !== undefined) reasons.push({ kind: 'run-stopped', reason: stopping });
  return reasons.length === 0 ? [{ kind: 'no-such-place' }] : reasons;
}

function explainSource(
  source: TaskView,
  { at, lineage }: { readonly at: TaskId; readonly lineage: RunLineage },
): readonly Reason[] {
  const task = taskPath(source);
  if (source.result !== undefined) {
    if (lineage.isLedTo(at, source)) return [];
    return [{ kind: 'went-elsewhere', task, transition: source.result.transition }];
  }
  if (source.status !== 'failed') return [{ kind: 'waits-for', task }];
  return [{ kind: 'needs-failed', task, failure: source.attempts.at(-1)?.failure }];
}
