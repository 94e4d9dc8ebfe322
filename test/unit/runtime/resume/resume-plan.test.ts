import { describe, expect, it } from 'vitest';
import type { EventDraft, FlowEvent } from '../../../../src/model/events.ts';
import type { FlowGraph } from '../../../../src/model/graph.ts';
import type { Hash, Position, RunId, TaskPath } from '../../../../src/model/ids.ts';
import type { ItemPage, TakenTransition } from '../../../../src/model/task.ts';
import { foresee } from '../../../../src/runtime/resume/foresee.ts';
import { replayOrigin } from '../../../../src/runtime/resume/origin-run.ts';
import {
  type PlanRequest,
  type Rerun,
  ResumePlan,
} from '../../../../src/runtime/resume/resume-plan.ts';
import { Scheduler } from '../../../../src/runtime/scheduler/scheduler.ts';
import { FANNED, graphOf, nodeOf, REF } from '../scheduler/graphs.ts';

const RUN = '1aaaaaaaaaaaa' as RunId;
const STARTED: EventDraft = {
  type: 'run.started',
  flow: 'Sample',
  file: '/flow.ts',
  code: REF.hash,
  graph: REF.hash,
  parameters: {},
  tags: [],
  options: {
    maxWorkers: 1,
    maxSplits: 1,
    maxIterations: 10_000,
    onFailure: 'finish',
    durability: 'process',
    graceMs: 1,
  },
  versions: { millrace: '0', node: '0' },
};
const NO_RERUN: Rerun = { steps: new Set(), tasks: new Set() };
const ITEMS: PlanRequest['items'] = {
  isSame: (a, b) => a.pages[0]?.ref.hash === b.pages[0]?.ref.hash,
  keysOf: () => undefined,
};

function ref(text: string) {
  return { ...REF, hash: text.padEnd(64, '0') as Hash };
}

function pages(size: number, name = 'page'): ItemPage[] {
  return [{ first: 0, count: size, ref: ref(name) }];
}

function fanOut(size: number): TakenTransition {
  return { kind: 'foreach', to: 'work', size, pages: pages(size) };
}

function ended(path: string, transition: TakenTransition, value = path): EventDraft {
  const [step = '', position = ''] = path.split('/');
  const task = { step, position: position as Position, attempt: 1 };
  return { type: 'task.succeeded', ...task, changes: { [step]: ref(value) }, transition };
}

function journal(drafts: readonly EventDraft[]): FlowEvent[] {
  return [STARTED, ...drafts].map((draft, n) => ({ v: 1, seq: n + 1, at: n, run: RUN, ...draft }));
}

/** A foreach of which everything before the end is done. */
function fanned(size: number): EventDraft[] {
  const items = Array.from({ length: size }, (_, n) =>
    ended(`work/${n}`, { kind: 'next', to: ['join'] }),
  );
  return [ended('start/0', fanOut(size)), ...items, ended('join/0', { kind: 'next', to: ['end'] })];
}

function plan(drafts: readonly EventDraft[], graph: FlowGraph = FANNED, rerun = NO_RERUN) {
  const origin = replayOrigin(journal(drafts), FANNED);
  return new ResumePlan({ origin, graph, rerun, items: ITEMS });
}

function fates(resume: ResumePlan, graph: FlowGraph = FANNED): Record<string, string> {
  return Object.fromEntries(foresee(resume, graph).map(({ task, fate }) => [task, fate]));
}

/** Runs to the end; what is no clone leaves what `leave` says. Returns what was no clone. */
function drive(
  resume: ResumePlan,
  leave: (path: string) => EventDraft,
  graph: FlowGraph = FANNED,
): string[] {
  const scheduler = new Scheduler(graph, {
    maxWorkers: 1,
    onFailure: 'finish',
    isClone: (tasks, view) =>
      resume.decideTogether(tasks, view).every(({ kind }) => kind === 'clone'),
  });
  const ran: string[] = [];
  const commands = scheduler.advance(STARTED);
  for (const command of commands) {
    if (command.type !== 'launch' && command.type !== 'clone') continue;
    const { step, position, attempt } = command;
    const path = `${step}/${position}`;
    const task = resume.origin.tasks.get(path as TaskPath);
    if (command.type === 'launch') ran.push(path);
    const answer: EventDraft =
      command.type === 'launch' || task === undefined
        ? leave(path)
        : { type: 'task.cloned', step, position, attempt, origin: RUN, ...task.result };
    for (const next of scheduler.advance(answer)) commands.push(next);
  }
  return ran;
}

describe('a resume plan', () => {
  it('takes over what ended well and runs the rest', () => {
    const done = fanned(2).filter((event) => !('step' in event && event.step === 'join'));
    expect(fates(plan(done))).toEqual({
      'start/0': 'clone',
      'work/0': 'clone',
      'work/1': 'clone',
      'join/0': 'run',
      'end/0': 'run',
    });
  });

  it('says the same for the same journal and graph', () => {
    const [one, other] = [plan(fanned(5)), plan(fanned(5))];
    expect(foresee(one, FANNED)).toEqual(foresee(other, FANNED));
  });

  describe('of a flow with one more step before its end', () => {
    const graph = graphOf([
      ...FANNED.nodes.map((node) =>
        node.name === 'join'
          ? { ...node, transition: { kind: 'next', to: ['between'] } as const }
          : node,
      ),
      nodeOf('between', { transition: { kind: 'next', to: ['end'] } }),
    ]);
    const done = [...fanned(2), ended('end/0', { kind: 'end' })];

    it('makes the end depend on what runs above it', () => {
      expect(fates(plan(done, graph), graph)).toEqual({
        'start/0': 'clone',
        'work/0': 'clone',
        'work/1': 'clone',
        'join/0': 'run',
        'between/0': 'run',
        'end/0': 'depends',
      });
    });

    it.each([
      {
        does: 'takes the end over where the same artifacts reach it',
        joined: 'join/0',
        changes: {},
        last: [],
      },
      {
        does: 'runs the end where an artifact is another one',
        joined: 'other',
        changes: {},
        last: ['end/0'],
      },
      {
        does: 'runs the end where an artifact is added',
        joined: 'join/0',
        changes: { more: REF },
        last: ['end/0'],
      },
    ])('$does', ({ joined, changes, last }) => {
      const leave = (path: string): EventDraft => {
        if (path === 'join/0') return ended(path, { kind: 'next', to: ['between'] }, joined);
        if (path === 'end/0') return ended(path, { kind: 'end' });
        return { ...ended(path, { kind: 'next', to: ['end'] }), changes } as EventDraft;
      };
      expect(drive(plan(done, graph), leave, graph)).toEqual(['join/0', 'between/0', ...last]);
    });
  });

  it('runs all that follows from what was asked for, whatever it leaves', () => {
    const rerun = { ...NO_RERUN, tasks: new Set(['work/1' as TaskPath]) };
    const again = (path: string) =>
      path === 'end/0' ? ended(path, { kind: 'end' }) : ended(path, { kind: 'next', to: ['join'] });
    const leave = (path: string) =>
      path === 'join/0' ? ended(path, { kind: 'next', to: ['end'] }) : again(path);
    expect(drive(plan(fanned(3), FANNED, rerun), leave)).toEqual(['work/1', 'join/0', 'end/0']);
  });

  it('takes over 10,000 tasks before the first that runs, without a slot for any', () => {
    const ran = drive(plan(fanned(10_000)), (path) => ended(path, { kind: 'end' }));
    expect(ran).toEqual(['end/0']);
  });

  it('drops tasks of steps that are no more, and runs those that take something else', () => {
    const direct = graphOf([
      nodeOf('start', { transition: { kind: 'next', to: ['end'] } }),
      nodeOf('end', { transition: { kind: 'end' } }),
    ]);
    expect(fates(plan(fanned(1), direct), direct)).toEqual({
      'start/0': 'run',
      'end/0': 'run',
      'work/0': 'gone',
      'join/0': 'gone',
    });
  });
});
