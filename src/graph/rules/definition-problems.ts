import type { SourceRule } from './lint-rule.ts';

/** What the loaded class showed; `describe` found it, this only adds the place. */
export const definitionProblems: SourceRule = {
  summaries: {},
  check: ({ source }) =>
    source.definition.problems.map(({ code, message, hint, member }) => {
      const found = source.members.flat().find(({ name }) => name === member);
      return {
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
        place: found?.place ?? { classIndex: 0, start: 0, length: 1 },
      };
    }),
};
