import type { SourceRule } from './lint-rule.ts';

export const classUnreadable: SourceRule = {
  summaries: { 'class-unreadable': 'The text of every class of the flow can be parsed.' },
  check: ({ source }) =>
    source.unreadable.map((classIndex) => ({
      code: 'class-unreadable',
      message: `the text of ${source.definition.classes[classIndex]?.name} cannot be read as a class`,
      hint: 'declare the flow with the class keyword',
      place: { classIndex, start: 0, length: 1 },
    })),
};
