import { placeOf } from '../source/flow-source.ts';
import type { Complaint, LintContext, SourceRule } from './lint-rule.ts';

export const startAndEnd: SourceRule = {
  summaries: {
    'no-start': 'A flow has a step called start.',
    'no-end': 'A flow has a step called end.',
    'end-has-next': 'Nothing comes after end.',
  },
  check: (context) => [...missing(context), ...afterEnd(context)],
};

function missing({ source }: LintContext): Complaint[] {
  return ['start', 'end']
    .filter((name) => !source.stepsByName.has(name))
    .map((name) => ({
      code: `no-${name}`,
      message: `${source.definition.name} has no step "${name}"`,
      hint: `add one: @step ${name}() { … }`,
      place: { classIndex: 0, start: 0, length: 1 },
    }));
}

function afterEnd({ source }: LintContext): Complaint[] {
  const { member, definition } = source.stepsByName.get('end') ?? {};
  const [next] = member?.nexts?.calls ?? [];
  if (next === undefined || definition === undefined) return [];
  return [
    {
      code: 'end-has-next',
      message: 'the step "end" calls next, but nothing comes after it',
      hint: 'remove the call, or rename the step',
      place: placeOf(next.call, definition.classIndex),
    },
  ];
}
