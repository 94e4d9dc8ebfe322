import { InternalError } from '../../model/errors.ts';
import type { EventOf, FailedTask, FlowEvent, TaskEvent } from '../../model/events.ts';
import type { FlowGraph, GraphNode } from '../../model/graph.ts';
import {
  type Position,
  type RunId,
  type TaskId,
  type TaskPath,
  taskPath,
} from '../../model/ids.ts';
import { resultsOf } from '../../model/recorded-result.ts';
import type { ItemPage, TaskResult } from '../../model/task.ts';
import { taskEventsOf } from '../../model/task-events.ts';
import { launchedBy, type StreamEvent } from '../scheduler/commands.ts';
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
  /** Items that have keys, by the task that made them. */
  readonly keyed: ReadonlyMap<TaskPath, readonly ItemPage[]>;
}

export interface OriginTask extends TaskId {
  readonly node: GraphNode;
  readonly result: TaskResult;
  readonly inputs: TaskInputs;
  /** The run in which its process ran: this one, or one that this one was resumed from. */
  readonly ranIn: RunId;
  /** Where it stood there. */
  readonly ranAt: Position;
}

type Unfinished = 'failed' | 'cancelled' | 'cut short';

interface Ended {
  readonly result: TaskResult;
  readonly ranIn: RunId;
  readonly ranAt: Position;
}

/**
 * Reads a run back from its events. What a task started with is recorded nowhere: the scheduler is
 * given the recorded results as answers to its own commands, and so says it as it did then.
 */
export function replayOrigin(events: Iterable<FlowEvent>, graph: FlowGraph): OriginRun {
  const record = readRecord(events, graph);
  const { started, unfinished } = record;
  const keyed = keyedItems(record);
  return { run: started.run, graph, started, unfinished, keyed, tasks: replayTasks(record) };
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
  for (const { scheduler, task } of replay(readRecord(events, graph))) {
    if (taskPath(task) === wanted) return scheduler;
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
    if (event.type === 'foreach.opened' || event.type === 'foreach.yielded') {
      takeNotice(streams, event);
      continue;
    }
    for (const one of taskEventsOf(event)) unfinished.set(taskPath(one), stateAfter(one));
    for (const { task, changes, transition } of resultsOf(event)) {
      const ran =
        event.type === 'task.cloned'
          ? { ranIn: event.origin, ranAt: event.originPosition ?? event.position }
          : { ranIn: event.run, ranAt: task.position };
      unfinished.delete(taskPath(task));
      ended.set(taskPath(task), { result: { changes, transition }, ...ran });
    }
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

/** Of a foreach that never ended, what it had yielded. */
function keyedItems({ ended, streams }: RunRecord): OriginRun['keyed'] {
  const keyed = new Map<TaskPath, readonly ItemPage[]>();
  for (const [path, events] of streams) {
    const pages = events.flatMap((event) => (event.type === 'foreach.yielded' ? [event.page] : []));
    if (pages[0]?.keyed === true) keyed.set(path, pages);
  }
  for (const [path, { result }] of ended) {
    const { transition } = result;
    if (transition.kind !== 'foreach') continue;
    if (transition.pages[0]?.keyed === true) keyed.set(path, transition.pages);
    else keyed.delete(path);
  }
  return keyed;
}

function replayTasks(record: RunRecord): ReadonlyMap<TaskPath, OriginTask> {
  const nodes = new Map(record.graph.nodes.map((node) => [node.name, node]));
  const tasks = new Map<TaskPath, OriginTask>();
  for (const { scheduler, task, isWhole } of replay(record)) {
    const { step, position } = task;
    const [node, ended] = [nodes.get(step), record.ended.get(taskPath(task))];
    if (node === undefined || ended === undefined || !isWhole) continue;
    const inputs = readInputs(scheduler, task, node);
    tasks.set(taskPath(task), { step, position, node, inputs, ...ended });
  }
  return tasks;
}

interface Launched {
  readonly scheduler: Scheduler;
  readonly task: FailedTask;
  /** All that was launched together has ended well. */
  readonly isWhole: boolean;
}

/** Every launch, while the scheduler holds it ready; then it is answered with what is recorded. */
function* replay({ started, graph, ended, streams }: RunRecord): Generator<Launched> {
  const scheduler = new Scheduler(graph, UNLIMITED);
  // The list grows while it is read: what follows from a task comes behind it.
  const commands = scheduler.advance(started);
  for (const command of commands) {
    const launched = launchedBy(command);
    // A gang counts as a whole: a resume that was cut short may have taken over a part of one.
    const isWhole = launched.every((task) => ended.has(taskPath(task)));
    for (const task of launched) {
      yield { scheduler, task, isWhole };
      // What never ended has no further tasks behind it, save those of the items that it yielded.
      const path = taskPath(task);
      const notices = ended.has(path) ? [] : (streams.get(path) ?? []);
      const { attempt } = task;
      commands.push(...notices.flatMap((event) => scheduler.advance({ ...event, attempt })));
    }
    if (!isWhole) continue;
    for (const { step, position, attempt } of launched) {
      const result = ended.get(taskPath({ step, position }))?.result;
      if (result === undefined) continue;
      const origin = started.run;
      const answer = { type: 'task.cloned', step, position, attempt, origin, ...result } as const;
      for (const next of scheduler.advance(answer)) commands.push(next);
    }
  }
}

function stateAfter(event: TaskEvent): Unfinished {
  if (event.type !== 'task.failed') return 'cut short';
  return event.failure.kind === 'cancelled' ? 'cancelled' : 'failed';
}
