import { describe, expect, it } from 'vitest';
import type { AfterFailure, EventDraft, FlowEvent } from '../../../src/model/events.ts';
import type { RunId, TaskPath } from '../../../src/model/ids.ts';
import { RunFold, type RunViewDetail } from '../../../src/model/run-view.ts';
import {
  at,
  changesOf,
  failed as failedTask,
  launched,
  started,
  succeeded,
} from '../journal/events.ts';

function viewOf(drafts: readonly EventDraft[], detail?: RunViewDetail) {
  const fold = new RunFold(detail);
  drafts.forEach((draft, index) => {
    const event = { v: 1, seq: index + 1, at: 100 + index, run: 'r' as RunId, ...draft };
    fold.apply(event as FlowEvent);
  });
  return fold.view;
}

const failure = { kind: 'exit', code: 3 } as const;
const failed = (attempt: number, then: AfterFailure) => failedTask('work/1', attempt, then);
const work = (view: ReturnType<typeof viewOf>) => view.tasks.get('work/1' as TaskPath);
const NONE = { running: 0, succeeded: 0, failed: 0, cloned: 0, retried: 0 };

describe('the view of a run', () => {
  it('is empty before the first event', () => {
    const view = viewOf([]);
    expect([view.started, view.end, view.lastSeq]).toEqual([undefined, undefined, 0]);
  });

  it('counts the tasks of each step', () => {
    const view = viewOf([
      started,
      launched('work', '0'),
      launched('work', '1'),
      launched('work', '2'),
      succeeded('work/0', {}, ['join']),
    ]);
    expect(view.steps.get('work')).toEqual({ ...NONE, running: 2, succeeded: 1 });
    expect(view.lastSeq).toBe(5);
    expect(view.started?.flow).toBe('Weather');
  });

  it('keeps the attempts of a task: one that is retried, then one that succeeds', () => {
    const retry = failed(1, { kind: 'retry', delayMs: 10 });
    const waiting = viewOf([launched('work', '1'), retry]);
    expect(work(waiting)?.status).toBe('waiting');
    expect(waiting.steps.get('work')).toEqual({ ...NONE, retried: 1 });
    const view = viewOf([
      launched('work', '1'),
      retry,
      launched('work', '1', 2),
      succeeded('work/1', { a: 'A' }, []),
    ]);
    expect(view.steps.get('work')).toEqual({ ...NONE, succeeded: 1, retried: 1 });
    expect(work(view)).toMatchObject({
      status: 'succeeded',
      attempts: [
        { attempt: 1, launchedAt: 100, endedAt: 101, failure, changes: changesOf({ half: 'H' }) },
        { attempt: 2, launchedAt: 102, endedAt: 103, failure: undefined },
      ],
      result: { changes: changesOf({ a: 'A' }), transition: { kind: 'end' } },
    });
  });

  it('does not count an attempt that is placed again as a retry', () => {
    const view = viewOf([launched('work', '1'), failed(1, { kind: 'replace' })]);
    expect(view.steps.get('work')).toEqual(NONE);
    expect(work(view)?.status).toBe('waiting');
  });

  it('takes a caught failure for a success with what the catch left', () => {
    const transition = { kind: 'next', to: ['end'] } as const;
    const changes = changesOf({ error: 'E' });
    const view = viewOf([launched('work', '1'), failed(1, { kind: 'catch', changes, transition })]);
    expect(view.steps.get('work')).toEqual({ ...NONE, succeeded: 1 });
    expect(work(view)).toMatchObject({ status: 'succeeded', result: { changes, transition } });
  });

  it('shows a task that failed for good, and the run that failed with it', () => {
    const task = { step: 'work', position: at('1'), attempt: 1 };
    const view = viewOf([
      launched('work', '1'),
      failed(1, { kind: 'give-up' }),
      { type: 'run.stopping', reason: 'a task failed' },
      { type: 'run.failed', failure, task },
    ]);
    expect(view.steps.get('work')).toEqual({ ...NONE, failed: 1 });
    expect(work(view)).toMatchObject({ status: 'failed', result: undefined });
    expect(view.stopping).toBe('a task failed');
    expect(view.end).toEqual({ status: 'failed', at: 103, failure, task });
  });

  it('counts clones, which have no attempts', () => {
    const view = viewOf([
      {
        type: 'task.cloned',
        step: 'work',
        position: at('1'),
        attempt: 1,
        origin: 'o' as RunId,
        changes: {},
        transition: { kind: 'end' },
      },
    ]);
    expect(view.steps.get('work')).toEqual({ ...NONE, cloned: 1 });
    expect(work(view)).toMatchObject({ status: 'cloned', attempts: [] });
  });

  it.each([
    [{ type: 'run.succeeded' }, { status: 'succeeded', at: 100 }],
    [
      { type: 'run.cancelled', reason: 'SIGINT' },
      { status: 'cancelled', at: 100, reason: 'SIGINT' },
    ],
  ] as const)('knows how the run ended: %j', (event, end) => {
    expect(viewOf([event]).end).toEqual(end);
  });

  it('keeps no artifacts where only outcomes are asked for', () => {
    const view = viewOf(
      [
        launched('work', '1'),
        failed(1, { kind: 'retry', delayMs: 0 }),
        launched('work', '1', 2),
        succeeded('work/1', { a: 'A' }, []),
      ],
      'outcomes',
    );
    expect(work(view)).toMatchObject({ status: 'succeeded', result: undefined });
    expect(work(view)?.attempts[0]).toMatchObject({ failure, changes: undefined });
  });
});
