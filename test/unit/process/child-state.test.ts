import { describe, expect, it } from 'vitest';
import {
  advanceChild,
  type ChildEvent,
  type ChildExit,
  type ChildState,
} from '../../../src/process/child-state.ts';

const exit: ChildExit = { code: 0, signal: null };
const error = { message: 'no such program', code: 'ENOENT' };

const STATES: readonly ChildState[] = [
  { phase: 'starting' },
  { phase: 'running' },
  { phase: 'stopping', reason: 'cancel' },
  { phase: 'killed' },
  { phase: 'draining', exit },
  { phase: 'cutting', exit },
  { phase: 'stopped', exit },
];

/** What leads on, and what has to be done; every other event leaves every other state alone. */
const MOVES: { readonly [move: string]: readonly [ChildState['phase'], ...string[]] } = {
  'starting spawned': ['running'],
  'starting spawn-failed': ['stopped', 'settle'],
  'starting stop': ['stopping', 'term', 'start-grace'],
  'starting kill': ['killed', 'kill'],
  'starting exited': ['draining', 'start-drain'],
  'running spawn-failed': ['stopped', 'settle'],
  'running stop': ['stopping', 'term', 'start-grace'],
  'running kill': ['killed', 'kill'],
  'running exited': ['draining', 'start-drain'],
  'stopping spawn-failed': ['stopped', 'settle'],
  'stopping kill': ['killed', 'kill'],
  'stopping grace-over': ['killed', 'kill'],
  'stopping exited': ['draining', 'start-drain'],
  'killed spawn-failed': ['stopped', 'settle'],
  'killed exited': ['draining', 'start-drain'],
  'draining drained': ['stopped', 'settle'],
  'draining drain-over': ['cutting', 'cut'],
  'cutting drained': ['stopped', 'settle'],
};

const EVENTS: readonly ChildEvent[] = [
  { type: 'spawned' },
  { type: 'spawn-failed', error },
  { type: 'stop', reason: 'cancel' },
  { type: 'kill' },
  { type: 'grace-over' },
  { type: 'exited', exit },
  { type: 'drain-over' },
  { type: 'drained' },
];

describe('the life of a child', () => {
  for (const state of STATES) {
    for (const event of EVENTS) {
      const move = MOVES[`${state.phase} ${event.type}`];
      const [phase, ...effects] = move ?? [state.phase];
      it(`${event.type} while ${state.phase}: ${move === undefined ? 'nothing' : phase}`, () => {
        const step = advanceChild(state, event);
        expect(step.state.phase).toBe(phase);
        expect(step.effects).toEqual(effects);
        if (move === undefined) expect(step.state).toBe(state);
      });
    }
  }

  it('keeps the exit that was seen first', () => {
    const gone = advanceChild({ phase: 'running' }, { type: 'exited', exit }).state;
    const twice = advanceChild(gone, { type: 'exited', exit: { code: 9, signal: null } }).state;
    expect(advanceChild(twice, { type: 'drained' }).state).toEqual({ phase: 'stopped', exit });
  });

  it('reports why it never ran', () => {
    const { state } = advanceChild({ phase: 'starting' }, { type: 'spawn-failed', error });
    expect(state).toEqual({
      phase: 'stopped',
      exit: { code: null, signal: null, spawnError: error },
    });
  });
});
