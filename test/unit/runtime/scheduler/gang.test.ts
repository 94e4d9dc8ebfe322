import { describe, expect, it } from 'vitest';
import type { AfterFailure, EventDraft, FailedTask } from '../../../../src/model/events.ts';
import { type Position, type TaskId, taskPath } from '../../../../src/model/ids.ts';
import type { TakenTransition } from '../../../../src/model/task.ts';
import type { Command } from '../../../../src/runtime/scheduler/commands.ts';
import { Scheduler, type SchedulerOptions } from '../../../../src/runtime/scheduler/scheduler.ts';
import { graphOf, nodeOf, REF } from './graphs.ts';

/** start splits into a gang (split → train → join) and a foreach (many → work → done); both meet. */
const GRAPH = graphOf([
  nodeOf('start', { transition: { kind: 'next', to: ['many', 'split'] } }),
  nodeOf('many', { transition: { kind: 'foreach', to: 'work' } }),
  nodeOf('work', {
    takes: 'item',
    levels: [{ kind: 'foreach', step: 'many' }],
    transition: { kind: 'next', to: ['done'] },
  }),
  nodeOf('done', {
    takes: 'inputs',
    joins: 'frame',
    closes: 'many',
    transition: { kind: 'next', to: ['end'] },
  }),
  nodeOf('split', { transition: { kind: 'gang', to: 'train' } }),
  nodeOf('train', {
    takes: 'item',
    levels: [{ kind: 'foreach', step: 'split' }],
    transition: { kind: 'next', to: ['join'] },
  }),
  nodeOf('join', {
    takes: 'inputs',
    joins: 'frame',
    closes: 'split',
    transition: { kind: 'next', to: ['end'] },
  }),
  nodeOf('end', {
    takes: 'inputs',
    joins: 'branches',
    closes: 'start',
    transition: { kind: 'end' },
  }),
]);

function at(path: string, attempt = 1): FailedTask {
  const [step = '', position = '0'] = path.split('/');
  return { step, position: position as Position, attempt };
}

function words(command: Command): string {
  switch (command.type) {
    case 'launch':
      return `${command.step}/${command.position}#${command.attempt}`;
    case 'launch-gang':
      return command.members.map((one) => `${one.step}/${one.position}#${one.attempt}`).join('+');
    case 'clone':
      return `clone ${command.step}/${command.position}`;
    case 'wait':
      return `wait ${command.step}/${command.position}`;
    case 'pull':
      return `pull ${command.step}`;
    case 'stop-tasks':
      return `stop ${command.tasks.map((task) => `${task.step}/${task.position}`).join(' ')}`;
    case 'finish':
      return command.outcome.kind;
  }
}

const next = (...to: string[]): TakenTransition => ({ kind: 'next', to });
const wide = (kind: 'foreach' | 'gang', to: string, size: number): TakenTransition => ({
  kind,
  to,
  size,
  pages: [{ first: 0, count: size, ref: REF }],
});

/** A run whose `start` and `many` are over: `work/0…` run, and `split` is about to end. */
function open(options: Partial<SchedulerOptions>, works = 3) {
  const scheduler = new Scheduler(GRAPH, { maxWorkers: 3, onFailure: 'finish', ...options });
  const advance = (event: Parameters<Scheduler['advance']>[0]) =>
    scheduler.advance(event).map(words);
  const succeed = (path: string, transition: TakenTransition) =>
    advance({ type: 'task.succeeded', ...at(path), changes: {}, transition });
  const members = (size: number) =>
    Array.from({ length: size }, (_, n) => ({ position: String(n) as Position }));
  const end = (size: number, attempt = 1) =>
    advance({
      type: 'gang.succeeded',
      step: 'train',
      attempt,
      members: members(size).map((one) => ({ ...one, changes: {}, transition: next('join') })),
    });
  const fail = (size: number, after: AfterFailure, attempt = 1) => {
    const failure = { kind: 'exit', code: 1 } as const;
    const failed = '1' as Position;
    const all = members(size).map((one) => ({ ...one, failure, changes: {} }));
    const gang = { step: 'train', attempt, failed, failure, members: all };
    // oxlint-disable-next-line unicorn/no-thenable -- the event's own word; nobody awaits it
    return advance({ type: 'gang.failed', ...gang, then: after });
  };
  advance({ type: 'run.started' } as EventDraft);
  succeed('start', next('many', 'split'));
  succeed('many', wide('foreach', 'work', works));
  const begin = (size: number) => succeed('split', wide('gang', 'train', size));
  return { scheduler, advance, succeed, begin, end, fail };
}

describe('a gang', () => {
  it('starts with all its tasks at once, as soon as there are slots for all of them', () => {
    const { begin, succeed } = open({ maxWorkers: 4 }, 2);
    expect(begin(3)).toEqual([]);
    expect(succeed('work/0', next('done'))).toEqual(['train/0#1+train/1#1+train/2#1']);
  });

  it('is not overtaken by those behind it, nor overtakes those before it', () => {
    const { begin, succeed, end } = open({}, 4);
    // Two of four items run beside split; the other two stand before the gang.
    expect(begin(3)).toEqual(['work/2#1']);
    expect(succeed('work/0', next('done'))).toEqual(['work/3#1']);
    expect(succeed('work/1', next('done'))).toEqual([]);
    expect(succeed('work/2', next('done'))).toEqual([]);
    // All items are over, but their join came after the gang.
    expect(succeed('work/3', next('done'))).toEqual(['train/0#1+train/1#1+train/2#1']);
    expect(end(3)).toEqual(['done/0#1', 'join/0#1']);
  });

  it('ends with one event, and its join takes its tasks in index order', () => {
    const { scheduler, begin, end } = open({ maxWorkers: 8 }, 1);
    begin(3);
    expect(scheduler.framesOf(at('train/2'))).toMatchObject([
      { kind: 'gang', step: 'split', index: 2, size: 3 },
    ]);
    expect(end(3)).toEqual(['join/0#1']);
    const { inputs, fork } = scheduler.joinOf(at('join'));
    expect(inputs.map(({ position }) => position)).toEqual(['0', '1', '2']);
    expect(fork.step).toBe('split');
  });

  it('is tried again as a whole, after one wait that holds no slot', () => {
    const { advance, begin, fail, end } = open({ maxWorkers: 3 }, 1);
    expect(begin(2)).toEqual(['train/0#1+train/1#1']);
    expect(fail(2, { kind: 'retry', delayMs: 5 })).toEqual(['wait train/0']);
    expect(advance({ type: 'timer.fired', ...at('train/0') })).toEqual(['train/0#2+train/1#2']);
    expect(end(2, 2)).toEqual(['join/0#1']);
  });

  it('is placed again as a whole under the same number', () => {
    const { scheduler, begin, fail } = open({ maxWorkers: 3 }, 1);
    begin(2);
    expect(fail(2, { kind: 'replace' })).toEqual(['train/0#1+train/1#1']);
    expect(scheduler.placementsOf(at('train/1'))).toBe(1);
  });

  it('is caught as a whole: every task goes on as if it had succeeded', () => {
    const { scheduler, begin, fail } = open({ maxWorkers: 3 }, 1);
    begin(2);
    const caught = { kind: 'catch', changes: {}, transition: next('join') } as const;
    expect(fail(2, caught)).toEqual(['join/0#1']);
    expect(scheduler.joinOf(at('join')).inputs).toHaveLength(2);
  });

  it('fails as a whole, by the task that failed first', () => {
    const { scheduler, begin, fail, succeed } = open({ maxWorkers: 3, onFailure: 'continue' }, 1);
    begin(2);
    expect(fail(2, { kind: 'give-up' })).toEqual([]);
    expect(succeed('work/0', next('done'))).toEqual(['done/0#1']);
    const transition = next('end');
    const event = { type: 'task.succeeded', ...at('done'), changes: {}, transition } as const;
    expect(scheduler.advance(event)).toMatchObject([
      { type: 'finish', outcome: { kind: 'failed', task: { step: 'train', position: '1' } } },
    ]);
  });

  it('ends with the run: each of its tasks is stopped', () => {
    const { advance, begin, fail, succeed } = open({ maxWorkers: 3 }, 1);
    begin(2);
    const stopped = advance({ type: 'run.stopping', reason: 'SIGINT' });
    expect(stopped).toEqual(['stop work/0 train/0 train/1']);
    expect(fail(2, { kind: 'give-up' })).toEqual([]);
    expect(succeed('work/0', next('done'))).toEqual(['cancelled']);
  });

  it('is refused where it needs more slots, memory or places than there are, with the option', () => {
    const gang = wide('gang', 'train', 4);
    const { scheduler } = open({ maxWorkers: 3 }, 1);
    const refused = scheduler.checkTransition(at('split'), gang);
    expect(refused).toMatchObject({ kind: 'user-error', code: 'GANG_NEVER_FITS' });
    expect(refused?.message).toMatch(/gang of 4 tasks of "train" needs 4 CPU slots.*has 3/);
    expect(refused).toMatchObject({ hint: expect.stringContaining('--max-workers') });
    expect(scheduler.checkTransition(at('split'), wide('gang', 'train', 3))).toBeUndefined();
  });

  it('is taken over from another run as a whole, or not at all', () => {
    const clones = (no: string) => {
      const isClone = (tasks: readonly TaskId[]) =>
        tasks.every(({ step }) => step === 'split' || step === 'train') &&
        !tasks.some((task) => taskPath(task) === no);
      const { advance } = open({ maxWorkers: 9, isClone }, 1);
      const transition = wide('gang', 'train', 2);
      return advance({
        type: 'task.cloned',
        ...at('split'),
        origin: '1' as never,
        changes: {},
        transition,
      });
    };
    expect(clones('none')).toEqual(['clone train/0', 'clone train/1']);
    expect(clones('train/1')).toEqual(['train/0#1+train/1#1']);
  });

  it('takes no event that tells of some of its tasks only', () => {
    const { begin, end } = open({ maxWorkers: 5 }, 1);
    begin(3);
    expect(() => end(2)).toThrow(/other tasks than those of its gang/);
  });
});
