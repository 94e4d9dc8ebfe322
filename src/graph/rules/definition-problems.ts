import type { SourceRule } from './lint-rule.ts';

/** What the loaded class showed; `describe` found it, this only adds the place. */
export const definitionProblems: SourceRule = {
  summaries: {
    'bad-decorator': 'Decorators get options that they understand.',
    'bad-exit-hooks': 'static exitHooks lists functions.',
    'bad-mutator':
      'Flow mutators name steps and parameters that are there, and give them what fits.',
    'bad-parameter': 'Parameters have options, names and defaults that fit together.',
    'bad-steps-entry': 'static steps lists methods with the options of decorators.',
    'decorator-without-step': 'Decorators stand on methods that are steps.',
    'repeated-decorator': 'Each decorator stands on a step once.',
    'reserved-name': 'No step, field or parameter has the name of a member of FlowSpec.',
    'step-without-method': 'Every step in static steps is a method.',
  },
  check: ({ source }) =>
    source.definition.problems.map(({ code, message, hint, member, classIndex = 0 }) => {
      const found = source.members.flat().find(({ name }) => name === member);
      return {
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
        place: found?.place ?? { classIndex, start: 0, length: 1 },
      };
    }),
};
