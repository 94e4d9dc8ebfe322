import { placeOf, type SourceStep } from '../source/flow-source.ts';
import type { NextPlace } from '../source/read-method.ts';
import type { Complaint, SourceRule } from './lint-rule.ts';

const LAST = 'call this.next(…) once, as the last statement of the step';

const WRONG: { readonly [P in Exclude<NextPlace, 'last'>]: Omit<Complaint, 'place'> } = {
  earlier: {
    code: 'code-after-next',
    message: 'goes on after next',
    hint: 'move next to the end of the step',
  },
  branch: {
    code: 'next-not-on-every-path',
    message: 'does not reach next on every path',
    hint: `${LAST}; to choose at run time, use cases with { condition: … }`,
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
    'next-not-on-every-path': 'next is not inside an if, a switch or a try.',
    'next-in-loop': 'next is not inside a loop.',
    'next-in-function': 'next is called by the step itself, not by a function inside it.',
    'next-in-expression': 'next is a statement of its own.',
    'unreadable-next': 'The graph is known before the run, so the shape of next must be readable.',
    'class-unreadable': 'The text of a class could not be parsed.',
  },
  check: ({ source }) => [
    ...source.unreadable.map((classIndex) => ({
      code: 'class-unreadable',
      message: `the text of ${source.definition.classes[classIndex]?.name} cannot be read as a class`,
      hint: 'declare the flow with the class keyword',
      place: { classIndex, start: 0, length: 1 },
    })),
    ...source.steps
      .filter(({ name, member }) => name !== 'end' && member !== undefined)
      .flatMap(checkStep),
  ],
};

function checkStep({ name, place, member, definition, transition }: SourceStep): Complaint[] {
  const [first, second] = member?.facts?.nexts ?? [];
  if (first === undefined) {
    return [
      {
        code: 'no-next',
        message: `the step "${name}" does not call next`,
        hint: 'end it with this.next(this.end), or whatever comes after it',
        place,
      },
    ];
  }
  const { classIndex } = definition;
  if (second !== undefined) {
    const hint = `${LAST}; to choose at run time, use cases with { condition: … }`;
    const message = `the step "${name}" calls next more than once`;
    return [{ code: 'next-twice', message, hint, place: placeOf(second.call, classIndex) }];
  }
  const found: Complaint[] = [];
  if (first.place !== 'last') {
    const { code, message, hint = LAST } = WRONG[first.place];
    const where = placeOf(first.call, classIndex);
    found.push({ code, message: `the step "${name}" ${message}`, hint, place: where });
  }
  if (transition?.kind === 'unreadable') {
    const { node, reason, hint } = transition;
    const message = `next in the step "${name}" ${reason}`;
    found.push({ code: 'unreadable-next', message, hint, place: placeOf(node, classIndex) });
  }
  return found;
}
