import { InternalError } from '../../model/errors.ts';
import type { EventOf, FlowEvent } from '../../model/events.ts';
import type { FlowGraph, GraphNode } from '../../model/graph.ts';
import { type RunId, type TaskId, type TaskPath, taskPath } from '../../model/ids.ts';
import { resultOf } from '../../model/recorded-result.ts';
import type { TaskResult } from '../../model/task.ts';
import type { Command, StreamEvent } from '../scheduler/commands.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { readInputs } from './read-inputs.ts';
import type { TaskInputs } from './same-inputs.ts';

/** A run as a resume sees it: what ended well there, and what it had started with. */
export interface OriginRun {
  readonly run: RunId;
  readonly graph: FlowGraph;
  readonly started: EventOf<'run.started'>;
  /** Tasks that ended well, in an order in which none comes before its inputs. */
  readonly tasks: ReadonlyMap<TaskPath, OriginTask>;
  /** Tasks that began and did not end well, and how. */
  readonly unfinished: ReadonlyMap<TaskPath, 'failed' | 'cancelled' | 'cut short'>;
}

export interface OriginTask extends TaskId {
  readonly node: GraphNode;
  readonly result: TaskResult;
  readonly inputs: TaskInputs;
  /** The run in which its process ran: this one, or one that this one was resumed from. */
  readonly ranIn: RunId;
}

type Unfinished = 'failed' | 'cancelled' | 'cut short';

interface Ended {
  readonly result: TaskResult;
  readonly ranIn: RunId;
}

/**
 * Reads a run back from its events. What a task started with is recorded nowhere: the scheduler is
 * given the recorded results as answers to its own commands, and so says it as it did then.
 */
export function replayOrigin(events: Iterable<FlowEvent>, graph: FlowGraph): OriginRun {
  const record = readRecord(events, graph);
  const { started, unfinished } = record;
  return { run: started.run, graph, started, unfinished, tasks: replayTasks(record) };
}

/**
 * The scheduler as it was when it launched that task, for what the task started with; undefined where
 * the record does not get there.
 */
export function replayUntil(
  events: Iterable<FlowEvent>,
  graph: FlowGraph,
  wanted: TaskPath,
): Scheduler | undefined {
  for (const { scheduler, command } of replay(readRecord(events, graph))) {
    if (taskPath(command) === wanted) return scheduler;
  }
  return undefined;
}

const UNLIMITED = { maxWorkers: Number.POSITIVE_INFINITY, onFailure: 'continue' } as const;

interface RunRecord {
  readonly started: EventOf<'run.started'>;
  readonly graph: FlowGraph;
  readonly ended: ReadonlyMap<TaskPath, Ended>;
  readonly unfinished: ReadonlyMap<TaskPath, Unfinished>;
  /** What was yielded by the tasks of foreaches over async iterables. */
  readonly streams: ReadonlyMap<TaskPath, readonly StreamEvent[]>;
}

function readRecord(events: Iterable<FlowEvent>, graph: FlowGraph): RunRecord {
  const ended = new Map<TaskPath, Ended>();
  const unfinished = new Map<TaskPath, Unfinished>();
  let started: EventOf<'run.started'> | undefined;
  const streams = new Map<TaskPath, StreamEvent[]>();
  for (const event of events) {
    if (event.type === 'run.started') started = event;
    if (!('step' in event)) continue;
    const path = taskPath(event);
    if (event.type === 'foreach.opened' || event.type === 'foreach.yielded') {
      takeNotice(streams, event);
      continue;
    }
    const result = resultOf(event);
    if (result === undefined) {
      unfinished.set(path, stateAfter(event));
      continue;
    }
    unfinished.delete(path);
    const ranIn = event.type === 'task.cloned' ? event.origin : event.run;
    ended.set(path, { result: { changes: result.changes, transition: result.transition }, ranIn });
  }
  if (started === undefined) throw new InternalError('a run without its first event is replayed');
  return { started, graph, ended, unfinished, streams };
}

/** A later attempt goes on behind the items of the one before; without items it begins anew. */
function takeNotice(streams: Map<TaskPath, StreamEvent[]>, event: StreamEvent): void {
  const path = taskPath(event);
  const before = streams.get(path);
  if (event.type === 'foreach.yielded') before?.push(event);
  else if (before === undefined || before.length === 1) streams.set(path, [event]);
}

function replayTasks(record: RunRecord): ReadonlyMap<TaskPath, OriginTask> {
  const nodes = new Map(record.graph.nodes.map((node) => [node.name, node]));
  const tasks = new Map<TaskPath, OriginTask>();
  for (const { scheduler, command } of replay(record)) {
    const { step, position } = command;
    const [node, task] = [nodes.get(step), record.ended.get(taskPath(command))];
    if (node === undefined || task === undefined) continue;
    const inputs = readInputs(scheduler, command, node);
    tasks.set(taskPath(command), { step, position, node, inputs, ...task });
  }
  return tasks;
}

interface Launched {
  readonly scheduler: Scheduler;
  readonly command: Extract<Command, { readonly type: 'launch' }>;
}

/** Every launch, while the scheduler holds it ready; then it is answered with what is recorded. */
function* replay({ started, graph, ended, streams }: RunRecord): Generator<Launched> {
  const scheduler = new Scheduler(graph, UNLIMITED);
  // The list grows while it is read: what follows from a task comes behind it.
  const commands = scheduler.advance(started);
  for (const command of commands) {
    if (command.type !== 'launch') continue;
    yield { scheduler, command };
    const { step, position, attempt } = command;
    const path = taskPath(command);
    const result = ended.get(path)?.result;
    if (result === undefined) {
      // What never ended has no further tasks behind it, save those of the items that it yielded.
      const notices = streams.get(path) ?? [];
      commands.push(...notices.flatMap((event) => scheduler.advance({ ...event, attempt })));
      continue;
    }
    const origin = started.run;
    const answer = { type: 'task.cloned', step, position, attempt, origin, ...result } as const;
    for (const next of scheduler.advance(answer)) commands.push(next);
  }
}

function stateAfter(event: FlowEvent): Unfinished {
  if (event.type !== 'task.failed') return 'cut short';
  return event.failure.kind === 'cancelled' ? 'cancelled' : 'failed';
}
