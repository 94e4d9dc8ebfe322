import { describe, expect, it } from 'vitest';
import type { TakenTransition } from '../../../../src/model/task.ts';
import { checkTransition } from '../../../../src/runtime/scheduler/check-transition.ts';
import { compilePlan } from '../../../../src/runtime/scheduler/plan.ts';
import { FANNED, LOOP, REF, SPLIT } from './graphs.ts';

const fanOut = (to: string, size: number, first = 0): TakenTransition => ({
  kind: 'foreach',
  to,
  size,
  pages: [{ first, count: 2, ref: REF }],
});

describe('a transition that a task reports', () => {
  const [split] = compilePlan(SPLIT).steps;
  const [fanned] = compilePlan(FANNED).steps;
  const [turn] = compilePlan(LOOP).steps;

  it('is accepted when it is what the text of the step says', () => {
    expect(checkTransition(split!, { kind: 'next', to: ['right', 'left'] })).toBeUndefined();
    expect(checkTransition(fanned!, fanOut('work', 2))).toBeUndefined();
    expect(checkTransition(turn!, { kind: 'switch', to: 'end', label: 'done' })).toBeUndefined();
  });

  it.each([
    { kind: 'next', to: ['left'] },
    { kind: 'next', to: ['right', 'end'] },
    { kind: 'end' },
    fanOut('left', 2),
  ] as const)('is refused when a split did something else: %j', (taken) => {
    expect(checkTransition(split!, taken)).toContain('"start"');
  });

  it.each([fanOut('join', 2), fanOut('work', 3), fanOut('work', 2, 1)])(
    'is refused when a foreach went elsewhere or its pages leave gaps: %j',
    (taken) => {
      expect(checkTransition(fanned!, taken)).toContain('"start"');
    },
  );

  it('is refused with the case that was probably meant', () => {
    const taken = { kind: 'switch', to: 'end', label: 'dne' } as const;
    expect(checkTransition(turn!, taken)).toContain('did you mean "done"?');
    expect(checkTransition(turn!, { ...taken, label: 'again' })).toContain('"turn"');
  });
});
