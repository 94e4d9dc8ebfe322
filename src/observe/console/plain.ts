import { formatDurationMs } from '../../base/duration.ts';
import type {
  AfterFailure,
  FlowEvent,
  GangEvent,
  GangMember,
  TaskEvent,
} from '../../model/events.ts';
import { gangPath, type RunId, taskPath } from '../../model/ids.ts';
import type { EventReader, LogText } from '../../model/reader.ts';
import type { ItemPage, TakenTransition } from '../../model/task.ts';
import { describeFailure } from '../describe-failure.ts';
import { stripControlsOfLines } from './strip-controls.ts';
import type { TextSink } from './text-sink.ts';

export interface PlainOptions {
  /** Leaves the events to another reader. */
  readonly only?: 'logs';
}

/** One line per event and per log line, each prefixed, for everything that is not a terminal. */
export class PlainConsole implements EventReader {
  readonly #sink: TextSink;
  readonly #withEvents: boolean;
  #run: RunId | undefined;

  constructor(sink: TextSink, options: PlainOptions = {}) {
    this.#sink = sink;
    this.#withEvents = options.only === undefined;
  }

  onEvent(event: FlowEvent): void {
    this.#run = event.run;
    if (!this.#withEvents) return;
    this.#sink.write(`[${event.run}${subjectOf(event)}] ${describeEvent(event)}\n`);
  }

  onLog({ step, position, text }: LogText): void {
    const prefix = `[${this.#run ?? ''}/${step}/${position}] `;
    const lines = stripControlsOfLines(text).replaceAll('\n', `\n${prefix}`);
    this.#sink.write(`${prefix}${lines}\n`);
  }
}

function subjectOf(event: FlowEvent): string {
  if (!('step' in event)) return '';
  return 'position' in event ? `/${taskPath(event)}` : `/${gangPath(event)}`;
}

function describeEvent(event: FlowEvent): string {
  switch (event.type) {
    case 'run.started':
      return `${event.flow} started, at most ${event.options.maxWorkers} tasks at a time`;
    case 'run.succeeded':
      return 'run succeeded';
    case 'run.failed':
      return 'run failed';
    case 'run.stopping':
      return `stopping: ${event.reason}`;
    case 'run.cancelled':
      return `run cancelled: ${event.reason}`;
    case 'task.launched':
    case 'task.succeeded':
    case 'task.failed':
    case 'task.cloned':
    case 'foreach.opened':
    case 'foreach.yielded':
      return describeTaskEvent(event);
    case 'hook.started':
      return `exit hook ${event.hook} started`;
    case 'hook.succeeded':
      return `exit hook ${event.hook} succeeded`;
    case 'hook.failed':
      return `exit hook ${event.hook} failed: ${describeFailure(event.failure)}`;
    case 'gang.succeeded':
    case 'gang.failed':
      return describeGangEvent(event);
  }
}

function describeTaskEvent(event: TaskEvent): string {
  switch (event.type) {
    case 'task.launched':
      return event.attempt === 1 ? 'launched' : `launched, attempt ${event.attempt}`;
    case 'task.succeeded':
      return `succeeded${inTime(event.usage?.wallMs)}${describeTransition(event.transition)}`;
    case 'task.failed':
      return `failed${inTime(event.usage?.wallMs)}: ${describeFailure(event.failure)}${describeThen(event.then)}`;
    case 'task.cloned':
      return event.originPosition === undefined
        ? `taken over from run ${event.origin}`
        : `taken over from ${event.step}/${event.originPosition} of run ${event.origin}`;
    case 'foreach.opened':
      return `yields items → ${event.to}`;
    case 'foreach.yielded':
      return describeItems(event.page);
  }
}

function describeItems({ first, count }: ItemPage): string {
  return count === 1 ? `yielded item ${first}` : `yielded items ${first} to ${first + count - 1}`;
}

function describeGangEvent(event: GangEvent): string {
  const { step, members } = event;
  const gang = `the gang of ${members.length}`;
  if (event.type === 'gang.succeeded') {
    const ways = new Set(event.members.map(({ transition }) => describeTransition(transition)));
    return `${gang} succeeded${inTime(longestMs(members))}${[...ways].join('')}`;
  }
  const { failure, failed, then } = event;
  const cause = `${taskPath({ step, position: failed })}: ${describeFailure(failure)}`;
  return `${gang} failed${inTime(longestMs(members))} with ${cause}${describeThen(then)}`;
}

function longestMs(members: readonly GangMember[]): number | undefined {
  const times = members.flatMap(({ usage }) => (usage === undefined ? [] : [usage.wallMs]));
  return times.length === 0 ? undefined : Math.max(...times);
}

function inTime(wallMs: number | undefined): string {
  return wallMs === undefined ? '' : ` in ${formatDurationMs(wallMs)}`;
}

function describeTransition(transition: TakenTransition): string {
  switch (transition.kind) {
    case 'end':
      return '';
    case 'next':
      return ` → ${transition.to.join(', ')}`;
    case 'foreach':
      return ` → ${transition.to} × ${transition.size}`;
    case 'gang':
      return ` → ${transition.to} × ${transition.size} at once`;
    case 'switch':
      return ` → ${transition.to} (${transition.label})`;
  }
}

export function describeThen(then: AfterFailure): string {
  switch (then.kind) {
    case 'retry':
      return then.delayMs === 0 ? '; retried' : `; retried in ${formatDurationMs(then.delayMs)}`;
    case 'catch':
      return `; caught${describeTransition(then.transition)}`;
    case 'replace':
      return '; placed again';
    case 'give-up':
      return '';
  }
}
