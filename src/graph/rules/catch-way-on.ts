import { transitionOf } from '../build-graph.ts';
import { catchProblem, misplacedOption } from '../catch-problem.ts';
import type { SourceRule } from './lint-rule.ts';

export const catchWayOn: SourceRule = {
  summaries: {
    'catch-way-on':
      'catchError on a switch names the case to take, on a foreach that there are no items; elsewhere neither.',
  },
  check: ({ source }) =>
    source.steps.flatMap((step) => {
      const { name, place, definition } = step;
      const caught = definition.policy.catch;
      if (caught === undefined || step.transition?.kind === 'unreadable') return [];
      // Without a transition the missing next is the mistake, save for end.
      if (step.transition === undefined && name !== 'end') return [];
      const transition = transitionOf(step);
      const problem =
        catchProblem(name, transition, caught) ?? misplacedOption(name, transition, caught);
      return problem === undefined ? [] : [{ code: 'catch-way-on', ...problem, place }];
    }),
};
