import { performance } from 'node:perf_hooks';
import type { ArtifactRef } from '../../src/model/artifact.ts';
import type { EventDraft, FailedTask } from '../../src/model/events.ts';
import type { FlowGraph, GraphNode } from '../../src/model/graph.ts';
import type { Hash } from '../../src/model/ids.ts';
import type { TakenTransition } from '../../src/model/task.ts';
import type { SchedulerEvent } from '../../src/runtime/scheduler/commands.ts';
import { Scheduler } from '../../src/runtime/scheduler/scheduler.ts';
import { atMost, type Row } from '../row.ts';
import { summarise } from '../timing.ts';

const ROUNDS = 9;
const NARROW = 1_000;
const WIDE = 100_000;
const OPTIONS = { maxWorkers: 8, onFailure: 'finish' } as const;
const REF: ArtifactRef = { hash: '0'.repeat(64) as Hash, size: 8, encoding: 'cbor' };

/** One `advance` per event of a recorded run, start to end, its join included. */
export async function decide(): Promise<Row[]> {
  const narrow = recordRun(NARROW);
  const wide = recordRun(WIDE);
  const narrowUs: number[] = [];
  const wideUs: number[] = [];
  // A narrow run is over in a moment: as many of them as make up a wide one.
  const replays = WIDE / NARROW;
  for (let round = -1; round < ROUNDS; round += 1) {
    const perNarrow = microsecondsPerEvent(narrow, replays);
    const perWide = microsecondsPerEvent(wide, 1);
    if (round < 0) continue;
    narrowUs.push(perNarrow);
    wideUs.push(perWide);
  }
  const one = summarise(narrowUs);
  const other = summarise(wideUs);
  const unit = 'µs/event';
  const note = ({ minMs, maxMs }: typeof one) => `${minMs.toFixed(2)}–${maxMs.toFixed(2)} µs`;
  return [
    atMost({ id: 'decide-1k', value: one.medianMs, unit, budget: 10, note: note(one) }),
    atMost({ id: 'decide-100k', value: other.medianMs, unit, budget: 10, note: note(other) }),
    atMost({
      id: 'decide-growth',
      value: other.medianMs / one.medianMs,
      unit: '× 1k → 100k',
      budget: 1.5,
    }),
  ];
}

function microsecondsPerEvent(events: readonly SchedulerEvent[], replays: number): number {
  const startedMs = performance.now();
  for (let replay = 0; replay < replays; replay += 1) {
    const scheduler = new Scheduler(GRAPH, OPTIONS);
    for (const event of events) scheduler.advance(event);
  }
  return ((performance.now() - startedMs) * 1_000) / (replays * events.length);
}

/** Runs a foreach of this width and keeps what happened. */
function recordRun(size: number): readonly SchedulerEvent[] {
  const scheduler = new Scheduler(GRAPH, OPTIONS);
  const events: SchedulerEvent[] = [];
  const inFlight: FailedTask[] = [];
  const advance = (event: SchedulerEvent) => {
    events.push(event);
    for (const command of scheduler.advance(event)) {
      if (command.type !== 'launch') continue;
      const { step, position, attempt } = command;
      inFlight.push({ step, position, attempt });
    }
  };
  advance(STARTED);
  for (let task = inFlight.shift(); task !== undefined; task = inFlight.shift()) {
    advance({ type: 'task.launched', ...task });
    const transition = transitionOf(task.step, size);
    advance({ type: 'task.succeeded', ...task, changes: { result: REF }, transition });
  }
  return events;
}

function transitionOf(step: string, size: number): TakenTransition {
  if (step === 'end') return { kind: 'end' };
  if (step !== 'start') return { kind: 'next', to: [step === 'work' ? 'join' : 'end'] };
  return { kind: 'foreach', to: 'work', size, pages: [{ first: 0, count: size, ref: REF }] };
}

function node(name: string, rest: Partial<GraphNode> & Pick<GraphNode, 'transition'>): GraphNode {
  const plain = { takes: 'nothing', joins: 'none', fires: 'anyLive', levels: [] } as const;
  return { name, ...plain, policy: {}, decorators: [], sets: [], ...rest };
}

const GRAPH: FlowGraph = {
  flow: 'Wide',
  nodes: [
    node('start', { transition: { kind: 'foreach', to: 'work' } }),
    node('work', {
      takes: 'item',
      levels: [{ kind: 'foreach', step: 'start' }],
      transition: { kind: 'next', to: ['join'] },
    }),
    node('join', {
      takes: 'inputs',
      joins: 'frame',
      closes: 'start',
      transition: { kind: 'next', to: ['end'] },
    }),
    node('end', { transition: { kind: 'end' } }),
  ],
  edges: [
    { from: 'start', to: 'work', kind: 'foreach' },
    { from: 'work', to: 'join', kind: 'next' },
    { from: 'join', to: 'end', kind: 'next' },
  ],
};

const STARTED: EventDraft = {
  type: 'run.started',
  flow: 'Wide',
  file: '/wide.ts',
  code: REF.hash,
  graph: REF.hash,
  parameters: {},
  tags: [],
  options: {
    ...OPTIONS,
    maxSplits: WIDE,
    maxIterations: 10_000,
    durability: 'process',
    graceMs: 0,
  },
  versions: { millrace: '0', node: process.version },
};
