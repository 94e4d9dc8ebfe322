import type { AfterFailure, EventDraft, FlowEvent, RunOptions } from '../../../src/model/events.ts';
import type { Failure } from '../../../src/model/failure.ts';
import type { FlowGraph, GraphNode } from '../../../src/model/graph.ts';
import type { Hash, Position, RunId } from '../../../src/model/ids.ts';
import type { LogLine } from '../../../src/model/reader.ts';

export const RUN = '01abcdefghjkm' as RunId;
export const START_AT = 1_700_000_000_000;

const OPTIONS: RunOptions = {
  maxWorkers: 2,
  maxSplits: 100,
  maxIterations: 10_000,
  onFailure: 'finish',
  durability: 'process',
  graceMs: 5_000,
};

/** Stamps drafts as a journal would, `afterMs` after the start of the run. */
export class EventScript {
  #seq = 0;

  at(afterMs: number, draft: EventDraft): FlowEvent {
    this.#seq += 1;
    return { ...draft, v: 1, seq: this.#seq, at: START_AT + afterMs, run: RUN };
  }

  started(): FlowEvent {
    return this.at(0, {
      type: 'run.started',
      flow: 'Weather',
      file: '/home/me/weather.ts',
      code: 'c0de' as Hash,
      graph: '9aff' as Hash,
      parameters: {},
      tags: [],
      options: OPTIONS,
      versions: { millrace: '0.1.0', node: '20.19.0' },
    });
  }
}

export const task = (step: string, position = '0', attempt = 1) => ({
  step,
  position: position as Position,
  attempt,
});

/** A foreach that is opened by `start` and yields pages of so many items. */
export function streamed(counts: readonly number[]): EventDraft[] {
  let first = 0;
  const pages = counts.map((count) => {
    const ref = { hash: 'ab' as Hash, size: 1, encoding: 'cbor' as const };
    const page = { first, count, ref };
    first += count;
    return { type: 'foreach.yielded' as const, ...task('start'), page, digest: ref.hash };
  });
  return [{ type: 'foreach.opened', ...task('start'), to: 'work', changes: {} }, ...pages];
}

export function failedDraft(
  of: ReturnType<typeof task>,
  failure: Failure,
  afterwards: AfterFailure,
): EventDraft {
  // oxlint-disable-next-line unicorn/no-thenable -- a field of the event, never a method
  return { type: 'task.failed', ...of, failure, changes: {}, then: afterwards };
}

export function logLine(step: string, position: string, text: string): LogLine {
  return { ...task(step, position), stream: 'stdout', text, at: START_AT };
}

const node = (name: string, rest: Partial<GraphNode>): GraphNode => ({
  name,
  takes: 'nothing',
  joins: 'none',
  fires: 'anyLive',
  levels: [],
  transition: { kind: 'end' },
  policy: {},
  decorators: [],
  sets: [],
  ...rest,
});

/** start, a foreach over `work`, a join, end. */
export const GRAPH: FlowGraph = {
  flow: 'Weather',
  nodes: [
    node('start', { transition: { kind: 'foreach', to: 'work' } }),
    node('work', {
      takes: 'item',
      levels: [{ kind: 'foreach', step: 'start' }],
      transition: { kind: 'next', to: ['join'] },
    }),
    node('join', { takes: 'inputs', joins: 'frame', closes: 'start' }),
    node('end', {}),
  ],
  edges: [],
};

export const foreachOf = (size: number) =>
  ({ kind: 'foreach', to: 'work', size, pages: [] }) as const;

export const next = (to: string) => ({ kind: 'next', to: [to] }) as const;
