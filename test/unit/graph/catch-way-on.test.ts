import { expect, it } from 'vitest';
import type { CatchPolicy } from '../../../src/model/definition.ts';
import { defineText, flowText, parseText } from './shapes.ts';

/** A flow whose `start` ends like this, with the policy on it. */
function complaints(next: string, caught: CatchPolicy, on = 'start'): (string | undefined)[] {
  const text = flowText([
    `start: ${next}`,
    'work(item): this.join',
    'join(inputs): this.end',
    'end',
  ]);
  const { steps } = defineText(text);
  const policed = steps.map((step) =>
    step.name === on ? { ...step, policy: { catch: caught } } : step,
  );
  const { diagnostics } = parseText(text, { steps: policed });
  return diagnostics.flatMap(({ code, message, hint, span }) =>
    code === 'catch-way-on' ? [`${span?.line} ${message}`, hint] : [],
  );
}

const SWITCH = '{ small: this.work, big: this.end }, { condition: this.size }';
const FOREACH = 'this.work, { foreach: this.xs }';

it('asks a switch for the case to take, with the cases', () => {
  expect(complaints(SWITCH, { field: 'why' })).toEqual([
    '2 @catchError on "start" does not say which case of its switch is taken after a failure',
    "write @catchError('why', { take: 'small' }); the cases are small, big",
  ]);
  expect(complaints(SWITCH, { field: 'why', take: 'big' })).toEqual([]);
});

it('knows the cases of the switch, and suggests one', () => {
  expect(complaints(SWITCH, { field: 'why', take: 'bog' })).toEqual([
    '2 @catchError on "start" takes the case "bog", which its switch does not have',
    'did you mean "big"?',
  ]);
  expect(complaints(SWITCH, { field: 'why', take: 'other' })[1]).toBe('the cases are small, big');
});

it('asks a foreach to say that there are no items', () => {
  expect(complaints(FOREACH, { field: 'why' })).toEqual([
    '2 @catchError on "start", which opens a foreach, does not say what follows after a failure',
    "write @catchError('why', { items: [] }): then the join that closes it runs, with no inputs",
  ]);
  expect(complaints(FOREACH, { field: 'why', items: [] })).toEqual([]);
});

it('has no use for either where there is no choice', () => {
  expect(complaints(FOREACH, { field: 'why', take: 'big' }, 'join')[0]).toMatch(
    /"join".*no switch/,
  );
  expect(complaints(FOREACH, { field: 'why', items: [] }, 'work')[0]).toMatch(/"work".*no foreach/);
  expect(complaints(FOREACH, { field: 'why', items: [] }, 'end')[0]).toMatch(/"end".*no foreach/);
  expect(complaints(SWITCH, { field: 'why', take: 'big', items: [] })[0]).toMatch(/no foreach/);
  expect(complaints(FOREACH, { field: 'why' }, 'work')).toEqual([]);
});

it('leaves a step without a readable next to the rule for that', () => {
  expect(complaints('this.work, ...more', { field: 'why' })).toEqual([]);
  expect(complaints('', { field: 'why', take: 'big' })).toEqual([]);
});
