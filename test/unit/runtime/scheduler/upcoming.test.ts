import { describe, expect, it } from 'vitest';
import type { EventDraft, FailedTask } from '../../../../src/model/events.ts';
import type { FlowGraph } from '../../../../src/model/graph.ts';
import type { Position } from '../../../../src/model/ids.ts';
import type { TakenTransition } from '../../../../src/model/task.ts';
import { Scheduler } from '../../../../src/runtime/scheduler/scheduler.ts';
import { FANNED, graphOf, LOOP, nodeOf, REF, SPLIT } from './graphs.ts';

function begin(graph: FlowGraph, maxWorkers = 2) {
  const scheduler = new Scheduler(graph, { maxWorkers, onFailure: 'finish' });
  scheduler.advance({ type: 'run.started' } as EventDraft);
  const at = (step: string, position = '0'): FailedTask => ({
    step,
    position: position as Position,
    attempt: 1,
  });
  const succeed = (step: string, transition: TakenTransition, position?: string) =>
    scheduler.advance({ type: 'task.succeeded', ...at(step, position), changes: {}, transition });
  return { scheduler, succeed, at };
}

const fanOut = (size: number): TakenTransition => ({
  kind: 'foreach',
  to: 'work',
  size,
  pages: [{ first: 0, count: size, ref: REF }],
});

describe('what may start next', () => {
  it('is what follows from the running tasks, the nearest first, each step once', () => {
    const { scheduler } = begin(SPLIT);
    expect(scheduler.upcoming(9)).toEqual(['right', 'left', 'join']);
    expect(scheduler.upcoming(2)).toEqual(['right', 'left']);
    expect(scheduler.upcoming(0)).toEqual([]);
    expect(scheduler.upcoming(-1)).toEqual([]);
  });

  it('is first of all who waits for a slot', () => {
    const { scheduler, succeed } = begin(FANNED);
    succeed('start', fanOut(5));
    expect(scheduler.upcoming(9)).toEqual(['work', 'work', 'work', 'join', 'end']);
    expect(scheduler.upcoming(2)).toEqual(['work', 'work']);
  });

  it('is also who waits for a retry', () => {
    const { scheduler, at } = begin(SPLIT);
    scheduler.advance({
      type: 'task.failed',
      ...at('start'),
      failure: { kind: 'exit', code: 1 },
      changes: {},
      // oxlint-disable-next-line unicorn/no-thenable -- the event's own word
      then: { kind: 'retry', delayMs: 5 },
    });
    expect(scheduler.upcoming(9)).toEqual(['start', 'right', 'left', 'join']);
  });

  it('goes one way only at a switch, and once round a loop', () => {
    const next = (to: string) => ({ kind: 'next', to: [to] }) as const;
    const cases = [
      { label: 'a', to: 'one' },
      { label: 'b', to: 'other' },
    ];
    const switched = graphOf([
      nodeOf('start', { transition: { kind: 'switch', cases } }),
      nodeOf('one', { transition: next('end') }),
      nodeOf('other', { transition: next('end') }),
      nodeOf('end', { transition: { kind: 'end' } }),
    ]);
    expect(begin(switched).scheduler.upcoming(9)).toEqual(['one', 'end']);
    expect(begin(LOOP).scheduler.upcoming(9)).toEqual(['end']);
  });

  it('is nothing once the run stops, or with its last task', () => {
    const { scheduler } = begin(SPLIT);
    scheduler.advance({ type: 'run.stopping', reason: 'SIGINT' });
    expect(scheduler.upcoming(9)).toEqual([]);
    const { scheduler: other, succeed } = begin(
      graphOf([
        nodeOf('start', { transition: { kind: 'next', to: ['end'] } }),
        nodeOf('end', { transition: { kind: 'end' } }),
      ]),
    );
    succeed('start', { kind: 'next', to: ['end'] });
    expect(other.upcoming(9)).toEqual([]);
  });
});
