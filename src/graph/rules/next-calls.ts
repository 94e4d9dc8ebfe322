import type { NextPlace } from '../source/find-nexts.ts';
import { placeOf, type SourceStep } from '../source/flow-source.ts';
import type { Complaint, SourceRule } from './lint-rule.ts';

const LAST = 'call this.next(…) once, as the last statement of the step';
const CHOOSE = `${LAST}; to choose at run time, use cases with { condition: … }`;

const WRONG: { readonly [P in Exclude<NextPlace, 'last'>]: Omit<Complaint, 'place'> } = {
  earlier: {
    code: 'code-after-next',
    message: 'goes on after next',
    hint: 'move next to the end of the step',
  },
  branch: {
    code: 'next-not-on-every-path',
    message: 'does not reach next on every path',
    hint: CHOOSE,
  },
  loop: {
    code: 'next-in-loop',
    message: 'calls next in a loop',
    hint: `${LAST}; to repeat work, use a foreach`,
  },
  function: { code: 'next-in-function', message: 'calls next in an inner function', hint: LAST },
  expression: {
    code: 'next-in-expression',
    message: 'calls next inside an expression',
    hint: LAST,
  },
};

export const nextCalls: SourceRule = {
  summaries: {
    'no-next': 'Every step but end says what comes next.',
    'next-twice': 'A step calls next exactly once.',
    'code-after-next': 'next is the last thing that a step does.',
    'next-not-on-every-path':
      'A step reaches next on every path: no if, switch, try or return before it.',
    'next-in-loop': 'next is not inside a loop.',
    'next-in-function': 'next is called by the step itself, not by a function inside it.',
    'next-in-expression': 'next is a statement of its own.',
    'unreadable-next': 'The graph is known before the run, so the shape of next must be readable.',
  },
  check: ({ source }) =>
    source.steps
      .filter(({ name, member }) => name !== 'end' && member !== undefined)
      .flatMap((step) => [...placement(step), ...unreadable(step)]),
};

/** What is wrong with where the step calls next, if anything. */
function placement({ name, place, member, definition: { classIndex } }: SourceStep): Complaint[] {
  const { calls = [], returns = [] } = member?.nexts ?? {};
  const [first, second] = calls;
  if (first === undefined) {
    const message = `the step "${name}" does not call next`;
    const hint = 'end it with this.next(this.end), or whatever comes after it';
    return [{ code: 'no-next', message, hint, place }];
  }
  if (second !== undefined) {
    const message = `the step "${name}" calls next more than once`;
    return [{ code: 'next-twice', message, hint: CHOOSE, place: placeOf(second.call, classIndex) }];
  }
  if (first.place !== 'last') {
    const { code, message, hint = LAST } = WRONG[first.place];
    const where = placeOf(first.call, classIndex);
    return [{ code, message: `the step "${name}" ${message}`, hint, place: where }];
  }
  return returns.map((node) => ({
    code: 'next-not-on-every-path',
    message: `the step "${name}" can return before it calls next`,
    hint: CHOOSE,
    place: placeOf(node, classIndex),
  }));
}

function unreadable({ name, transition, definition }: SourceStep): Complaint[] {
  if (transition?.kind !== 'unreadable') return [];
  const { node, reason, hint } = transition;
  const message = `next in the step "${name}" ${reason}`;
  return [{ code: 'unreadable-next', message, hint, place: placeOf(node, definition.classIndex) }];
}
