import type { SourceStep } from '../source/flow-source.ts';
import type { Complaint, SourceRule } from './lint-rule.ts';

export const takesArgument: SourceRule = {
  summaries: { 'takes-argument': 'start and end take no argument, other steps at most one.' },
  check: ({ source }) => source.steps.flatMap(checkStep),
};

function checkStep({ name, definition: { arity }, place }: SourceStep): Complaint[] {
  const isOuter = name === 'start' || name === 'end';
  if (arity <= (isOuter ? 0 : 1)) return [];
  const taken = arity === 1 ? 'an argument' : `${arity} arguments`;
  return [
    {
      code: 'takes-argument',
      message: `the step "${name}" takes ${taken}, but may take ${isOuter ? 'none' : 'only one'}`,
      hint: isOuter
        ? 'remove the argument; to join branches, add a step of its own before end'
        : 'a step takes its foreach item or its inputs; leave the rest in fields',
      place,
    },
  ];
}
