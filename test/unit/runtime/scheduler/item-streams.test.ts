import { describe, expect, it } from 'vitest';
import type { EventDraft, FailedTask } from '../../../../src/model/events.ts';
import type { FlowGraph } from '../../../../src/model/graph.ts';
import type { Hash, Position } from '../../../../src/model/ids.ts';
import type { TakenTransition } from '../../../../src/model/task.ts';
import { Scheduler, type SchedulerOptions } from '../../../../src/runtime/scheduler/scheduler.ts';
import { FANNED, graphOf, nodeOf, REF } from './graphs.ts';

function at(path: string, attempt = 1): FailedTask {
  const [step = '', position = '0'] = path.split('/');
  return { step, position: position as Position, attempt };
}

function start(graph: FlowGraph, options: Partial<SchedulerOptions> = {}) {
  const scheduler = new Scheduler(graph, { maxWorkers: 2, onFailure: 'finish', ...options });
  const advance = (event: Parameters<Scheduler['advance']>[0]) =>
    scheduler.advance(event).map((command) => {
      if (command.type === 'finish') return command.outcome.kind;
      if (command.type === 'stop-tasks')
        return `stop ${command.tasks.map(({ step }) => step).join(' ')}`;
      if (command.type === 'launch-gang') return 'launch a gang';
      const path = `${command.type} ${command.step}/${command.position}`;
      return command.type === 'pull' ? `${path} ${command.count}` : path;
    });
  const open = (path: string, to = 'work', attempt = 1) =>
    advance({ type: 'foreach.opened', ...at(path, attempt), to, changes: {} });
  const give = (path: string, items: readonly [first: number, count: number], attempt = 1) => {
    const [first, count] = items;
    const page = { first, count, ref: REF };
    const digest = String(first + count) as Hash;
    return advance({ type: 'foreach.yielded', ...at(path, attempt), page, digest });
  };
  const succeed = (path: string, transition: TakenTransition = { kind: 'next', to: ['join'] }) =>
    advance({ type: 'task.succeeded', ...at(path), changes: {}, transition });
  advance({ type: 'run.started' } as EventDraft);
  return { scheduler, advance, open, give, succeed };
}

const whole = (size: number, to = 'work'): TakenTransition => ({
  kind: 'foreach',
  to,
  size,
  pages: size === 0 ? [] : [{ first: 0, count: size, ref: REF }],
});

/** A foreach inside a foreach: outer → middle → inner → near → far → end. */
const NESTED: FlowGraph = graphOf([
  nodeOf('outer', { transition: { kind: 'foreach', to: 'middle' } }),
  nodeOf('middle', {
    takes: 'item',
    levels: [{ kind: 'foreach', step: 'outer' }],
    transition: { kind: 'foreach', to: 'inner' },
  }),
  nodeOf('inner', {
    takes: 'item',
    levels: [
      { kind: 'foreach', step: 'outer' },
      { kind: 'foreach', step: 'middle' },
    ],
    transition: { kind: 'next', to: ['near'] },
  }),
  nodeOf('near', {
    takes: 'inputs',
    joins: 'frame',
    closes: 'middle',
    levels: [{ kind: 'foreach', step: 'outer' }],
    transition: { kind: 'next', to: ['far'] },
  }),
  nodeOf('far', {
    takes: 'inputs',
    joins: 'frame',
    closes: 'outer',
    transition: { kind: 'end' },
  }),
]);

describe('a foreach over an async iterable', () => {
  it('holds no slot while it yields, and starts items before it has ended', () => {
    const { open, give, succeed } = start(FANNED, { maxWorkers: 1 });
    expect(open('start')).toEqual(['pull start/0 4']);
    expect(give('start', [0, 1])).toEqual(['launch work/0']);
    expect(succeed('work/0')).toEqual([]);
  });

  it('asks for no more items than may wait, and for more when half of these have started', () => {
    const { open, give, succeed } = start(FANNED, { maxWorkers: 2 });
    open('start');
    expect(give('start', [0, 4])).toEqual(['launch work/0', 'launch work/1', 'pull start/0 2']);
    expect(give('start', [4, 2])).toEqual([]);
    expect(succeed('work/0')).toEqual(['launch work/2']);
    expect(succeed('work/1')).toEqual(['launch work/3', 'pull start/0 2']);
  });

  it('fires its join when it has ended and every item has answered', () => {
    const { open, give, succeed, scheduler } = start(FANNED);
    open('start');
    give('start', [0, 1]);
    expect(scheduler.framesOf(at('work/0'))[0]).toMatchObject({ index: 0, size: undefined });
    succeed('work/0');
    expect(succeed('start', whole(1))).toEqual(['launch join/0']);
  });

  it('fires its join with no inputs when it yields nothing', () => {
    const { open, succeed, scheduler } = start(FANNED);
    open('start');
    expect(succeed('start', whole(0))).toEqual(['launch join/0']);
    expect(scheduler.joinOf(at('join')).inputs).toEqual([]);
  });

  it('goes on behind the items that an earlier attempt yielded', () => {
    const { open, give, succeed, advance, scheduler } = start(FANNED, { maxWorkers: 1 });
    open('start');
    give('start', [0, 2]);
    const failure = { kind: 'exit', code: 1 } as const;
    // oxlint-disable-next-line unicorn/no-thenable -- the event's own word; nobody awaits it
    const failed = { failure, changes: {}, then: { kind: 'retry', delayMs: 5 } } as const;
    advance({ type: 'task.failed', ...at('start'), ...failed });
    expect(scheduler.yieldedBy(at('start'))).toEqual({ count: 2, digest: '2', changes: {} });
    advance({ type: 'timer.fired', ...at('start') });
    expect(succeed('work/0')).toEqual(['launch work/1']);
    expect(succeed('work/1')).toEqual(['launch start/0']);
    expect(open('start', 'work', 2)).toEqual(['pull start/0 4']);
    const again = { type: 'foreach.yielded', ...at('start', 2), digest: REF.hash } as const;
    expect(scheduler.checkStream({ ...again, page: { first: 0, count: 1, ref: REF } })).toContain(
      'not in order',
    );
    expect(give('start', [2, 1], 2)).toEqual(['launch work/2']);
  });

  it('is refused what it may not say', () => {
    const { open, give, scheduler } = start(FANNED);
    const opening = { type: 'foreach.opened', ...at('start'), changes: {} } as const;
    expect(scheduler.checkStream({ ...opening, to: 'join' })).toContain('its text');
    const page = { first: 0, count: 1, ref: REF };
    const notice = { type: 'foreach.yielded', ...at('start'), digest: REF.hash } as const;
    expect(scheduler.checkStream({ ...notice, page })).toContain('no open foreach');
    open('start');
    expect(scheduler.checkStream({ ...opening, to: 'work' })).toContain('twice');
    expect(scheduler.checkStream({ ...notice, page: { ...page, count: 5 } })).toContain('asked');
    give('start', [0, 1]);
    expect(scheduler.checkStream({ ...notice, page })).toContain('not in order');
    expect(scheduler.checkTransition(at('start'), whole(2))?.message).toContain('yielded 1 items');
  });

  it('is ended when nothing starts any more, since nobody would ask it for the rest', () => {
    const { open, give, advance } = start(FANNED);
    open('start');
    give('start', [0, 1]);
    const failure = { kind: 'exit', code: 1 } as const;
    // oxlint-disable-next-line unicorn/no-thenable -- the event's own word; nobody awaits it
    const failed = { failure, changes: {}, then: { kind: 'give-up' } } as const;
    const ended = advance({ type: 'task.failed', ...at('work/0'), ...failed });
    expect(ended).toEqual(['stop start']);
    expect(advance({ type: 'task.failed', ...at('start'), ...failed })).toEqual(['failed']);
  });

  it('keeps others from opening while as many yield as there are slots', () => {
    const { open, give, succeed } = start(NESTED, { maxWorkers: 1 });
    expect(succeed('outer', whole(3, 'middle'))).toEqual(['launch middle/0']);
    // The next item of the outer foreach would only open one more.
    expect(open('middle/0', 'inner')).toEqual(['pull middle/0 4']);
    expect(give('middle/0', [0, 1])).toEqual(['launch inner/0.0']);
    expect(succeed('inner/0.0', { kind: 'next', to: ['near'] })).toEqual([]);
    expect(succeed('middle/0', whole(1, 'inner'))).toEqual(['launch middle/1']);
  });
});
