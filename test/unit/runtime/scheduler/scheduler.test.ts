import { describe, expect, it } from 'vitest';
import type { AfterFailure, EventDraft, FailedTask } from '../../../../src/model/events.ts';
import type { FlowGraph } from '../../../../src/model/graph.ts';
import type { Position } from '../../../../src/model/ids.ts';
import type { TakenTransition } from '../../../../src/model/task.ts';
import type { Command } from '../../../../src/runtime/scheduler/commands.ts';
import { Scheduler, type SchedulerOptions } from '../../../../src/runtime/scheduler/scheduler.ts';
import { FANNED, graphOf, LOOP, nodeOf, REF, SPLIT } from './graphs.ts';

function at(path: string, attempt = 1): FailedTask {
  const [step = '', position = '0'] = path.split('/');
  return { step, position: position as Position, attempt };
}

/** Commands in a few words: `launch work/3`, `wait work/3 50 ms`. */
function words(command: Command): string {
  switch (command.type) {
    case 'launch':
      return `launch ${command.step}/${command.position}#${command.attempt}`;
    case 'launch-gang':
      return `launch ${command.members.map(({ step, position }) => `${step}/${position}`).join('+')}#${command.members[0]?.attempt}`;
    case 'clone':
      return `clone ${command.step}/${command.position}`;
    case 'wait':
      return `wait ${command.step}/${command.position} ${command.delayMs} ms`;
    case 'pull':
      return `pull ${command.step}/${command.position} ${command.count}`;
    case 'stop-tasks':
      return `stop ${command.tasks.map((task) => task.step).join(' ')}`;
    case 'finish':
      return command.outcome.kind;
  }
}

function start(graph: FlowGraph, options: Partial<SchedulerOptions> = {}) {
  const scheduler = new Scheduler(graph, { maxWorkers: 8, onFailure: 'finish', ...options });
  const advance = (event: Parameters<Scheduler['advance']>[0]) =>
    scheduler.advance(event).map(words);
  const succeed = (path: string, transition: TakenTransition, attempt = 1) =>
    advance({ type: 'task.succeeded', ...at(path, attempt), changes: {}, transition });
  const fail = (path: string, next: AfterFailure, attempt = 1) => {
    const failure = { kind: 'exit', code: 1 } as const;
    // oxlint-disable-next-line unicorn/no-thenable -- the event's own word; nobody awaits it
    const outcome = { failure, changes: {}, then: next };
    return advance({ type: 'task.failed', ...at(path, attempt), ...outcome });
  };
  const first = advance({ type: 'run.started' } as EventDraft);
  return { scheduler, advance, succeed, fail, first };
}

const next = (...to: string[]): TakenTransition => ({ kind: 'next', to });
const items = (size: number): TakenTransition => ({
  kind: 'foreach',
  to: 'work',
  size,
  pages: size === 0 ? [] : [{ first: 0, count: size, ref: REF }],
});

describe('a scheduler', () => {
  it('starts what became ready together in declaration order, and joins in it too', () => {
    const { scheduler, first, succeed } = start(SPLIT);
    expect(first).toEqual(['launch start/0#1']);
    expect(succeed('start', next('right', 'left'))).toEqual([
      'launch left/0#1',
      'launch right/0#1',
    ]);
    succeed('right', next('join'));
    expect(succeed('left', next('join'))).toEqual(['launch join/0#1']);
    expect(scheduler.inputsOf(at('join')).map(({ step }) => step)).toEqual(['left', 'right']);
    expect(scheduler.joinOf(at('join')).fork.step).toBe('start');
    expect(succeed('join', { kind: 'end' })).toEqual(['succeeded']);
  });

  it('never has more tasks in flight than workers, and fills a slot as soon as one is free', () => {
    const { succeed } = start(FANNED, { maxWorkers: 2 });
    expect(succeed('start', items(4))).toEqual(['launch work/0#1', 'launch work/1#1']);
    expect(succeed('work/1', next('join'))).toEqual(['launch work/2#1']);
    expect(succeed('work/2', next('join'))).toEqual(['launch work/3#1']);
    expect(succeed('work/3', next('join'))).toEqual([]);
    expect(succeed('work/0', next('join'))).toEqual(['launch join/0#1']);
  });

  it('gives a task its open foreaches, and a join its inputs in index order', () => {
    const { scheduler, succeed } = start(FANNED);
    succeed('start', items(2));
    const [frame] = scheduler.framesOf(at('work/1'));
    expect(frame).toMatchObject({ step: 'start', index: 1, size: 2, pages: [{ count: 2 }] });
    succeed('work/1', next('join'));
    succeed('work/0', next('join'));
    const inputs = scheduler.inputsOf(at('join'));
    expect(inputs.map(({ position }) => position)).toEqual(['0', '1']);
  });

  it('fires the join of a foreach without items, with no inputs', () => {
    const { scheduler, succeed } = start(FANNED);
    expect(succeed('start', items(0))).toEqual(['launch join/0#1']);
    expect(scheduler.joinOf(at('join')).inputs).toEqual([]);
  });

  it('counts the rounds of a loop, and refuses one beyond the limit', () => {
    const { scheduler, first, succeed } = start(LOOP, { maxIterations: 2 });
    const again = { kind: 'switch', to: 'turn', label: 'again' } as const;
    expect(first).toEqual(['launch turn/r0#1']);
    expect(scheduler.checkTransition(at('turn/r0'), again)).toBeUndefined();
    expect(succeed('turn/r0', again)).toEqual(['launch turn/r1#1']);
    const refused = scheduler.checkTransition(at('turn/r1'), again);
    expect(refused).toMatchObject({ kind: 'user-error', code: 'TOO_MANY_ITERATIONS' });
    expect(refused?.message).toBe(
      'the loop from "turn" back to "turn" has made 2 rounds, as many as --max-iterations allows',
    );
    const done = { kind: 'switch', to: 'end', label: 'done' } as const;
    expect(succeed('turn/r1', done)).toEqual(['launch end/0#1']);
  });

  it('waits for a retry without holding a slot, then starts the next attempt', () => {
    const { advance, succeed, fail } = start(FANNED, { maxWorkers: 1 });
    succeed('start', items(2));
    const retry = { kind: 'retry', delayMs: 50 } as const;
    expect(fail('work/0', retry)).toEqual(['wait work/0 50 ms', 'launch work/1#1']);
    expect(advance({ type: 'timer.fired', ...at('work/0') })).toEqual([]);
    expect(succeed('work/1', next('join'))).toEqual(['launch work/0#2']);
  });

  it('places an attempt again under the same number, and counts how often', () => {
    const { scheduler, fail } = start(LOOP);
    expect(fail('turn/r0', { kind: 'replace' })).toEqual(['launch turn/r0#1']);
    expect(scheduler.placementsOf(at('turn/r0'))).toBe(1);
  });

  it('counts placements anew for the next attempt', () => {
    const { scheduler, advance, fail } = start(LOOP);
    fail('turn/r0', { kind: 'replace' });
    fail('turn/r0', { kind: 'retry', delayMs: 1 });
    expect(advance({ type: 'timer.fired', ...at('turn/r0') })).toEqual(['launch turn/r0#2']);
    expect(scheduler.placementsOf(at('turn/r0'))).toBe(0);
  });

  it('goes on from a caught failure as if the task had succeeded', () => {
    const { fail, succeed } = start(SPLIT);
    succeed('start', next('right', 'left'));
    succeed('right', next('join'));
    const caught = { kind: 'catch', changes: {}, transition: next('join') } as const;
    expect(fail('left', caught)).toEqual(['launch join/0#1']);
    expect(succeed('join', { kind: 'end' })).toEqual(['succeeded']);
  });

  it('starts nothing after a failure, and lets what runs come to its end (finish)', () => {
    const { succeed, fail } = start(FANNED, { maxWorkers: 2 });
    succeed('start', items(4));
    expect(fail('work/0', { kind: 'give-up' })).toEqual([]);
    expect(fail('work/1', { kind: 'retry', delayMs: 1 })).toEqual(['failed']);
  });

  it('ends what runs after a failure (kill)', () => {
    const { succeed, fail } = start(SPLIT, { onFailure: 'kill' });
    succeed('start', next('right', 'left'));
    expect(fail('left', { kind: 'give-up' })).toEqual(['stop right']);
    expect(fail('right', { kind: 'give-up' })).toEqual(['failed']);
  });

  it('runs all that does not depend on the failure (continue), and names the first', () => {
    const { scheduler, succeed, fail } = start(FANNED, { maxWorkers: 1, onFailure: 'continue' });
    succeed('start', items(3));
    expect(fail('work/0', { kind: 'give-up' })).toEqual(['launch work/1#1']);
    expect(fail('work/1', { kind: 'give-up' })).toEqual(['launch work/2#1']);
    const ended = scheduler.advance({
      type: 'task.succeeded',
      ...at('work/2'),
      changes: {},
      transition: next('join'),
    });
    expect(ended).toMatchObject([
      { type: 'finish', outcome: { kind: 'failed', task: { step: 'work', position: '0' } } },
    ]);
  });

  it('stops on request: ends what runs, and finishes cancelled when all has answered', () => {
    const { advance, succeed } = start(SPLIT);
    succeed('start', next('right', 'left'));
    expect(advance({ type: 'run.stopping', reason: 'SIGINT' })).toEqual(['stop left right']);
    expect(succeed('left', next('join'))).toEqual([]);
    expect(succeed('right', next('join'))).toEqual(['cancelled']);
  });

  it('ends what runs once, however often it is asked to stop', () => {
    const { advance, succeed } = start(SPLIT);
    succeed('start', next('right', 'left'));
    advance({ type: 'run.stopping', reason: 'SIGINT' });
    expect(advance({ type: 'run.stopping', reason: 'SIGTERM' })).toEqual([]);
  });

  it('ends at once when it is stopped while only a retry is waited for', () => {
    const { advance, fail } = start(LOOP);
    fail('turn/r0', { kind: 'retry', delayMs: 60_000 });
    expect(advance({ type: 'run.stopping', reason: 'SIGINT' })).toEqual(['cancelled']);
    expect(advance({ type: 'timer.fired', ...at('turn/r0') })).toEqual([]);
  });

  it('refuses answers that no task under way can have given', () => {
    const { advance, succeed } = start(SPLIT);
    const { scheduler } = start(SPLIT);
    expect(() => succeed('left', next('join'))).toThrow(/no task left\/0 is under way/);
    expect(() => succeed('start', next('left'))).toThrow(/start/);
    expect(() => scheduler.advance({ type: 'task.launched', ...at('start', 2) })).toThrow(
      /attempt 2 of start\/0/,
    );
    expect(() => advance({ type: 'task.launched', ...at('join') })).toThrow(/Millrace/);
  });

  it('refuses the answer of another attempt, and any answer while a retry is waited for', () => {
    const { succeed, fail } = start(SPLIT);
    const split = next('right', 'left');
    expect(() => succeed('start', split, 2)).toThrow(/attempt 2 of start\/0/);
    fail('start', { kind: 'retry', delayMs: 1 });
    expect(() => succeed('start', split)).toThrow(/while attempt 1 is waiting/);
  });

  it('skips a long way that was not taken without running out of stack', () => {
    const length = 20_000;
    const chain = Array.from({ length }, (_, n) =>
      nodeOf(`s${n}`, { transition: { kind: 'next', to: [n + 1 < length ? `s${n + 1}` : 'end'] } }),
    );
    const cases = [
      { label: 'long', to: 's0' },
      { label: 'short', to: 'end' },
    ];
    const fork = nodeOf('start', { transition: { kind: 'switch', cases } });
    const last = nodeOf('end', { transition: { kind: 'end' } });
    const { succeed } = start(graphOf([fork, ...chain, last]));
    const taken = { kind: 'switch', to: 'end', label: 'short' } as const;
    expect(succeed('start', taken)).toEqual(['launch end/0#1']);
  });

  it('makes a task of a wide foreach only when a slot is free for it', () => {
    const { scheduler, succeed } = start(FANNED, { maxWorkers: 2 });
    const launched = succeed('start', items(1_000_000));
    expect(launched).toHaveLength(2);
    expect(() => scheduler.framesOf(at('work/2'))).toThrow(/under way/);
  });
});
