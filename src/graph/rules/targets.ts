import { didYouMean } from '../../base/suggest.ts';
import { placeOf } from '../source/flow-source.ts';
import type { Complaint, SourceRule } from './lint-rule.ts';

export const targets: SourceRule = {
  summaries: {
    'unknown-step': 'next names a step that the flow does not have.',
    'one-case': 'A switch has at least two cases.',
  },
  check: ({ source }) =>
    source.steps.flatMap(({ name, transition, definition }): Complaint[] => {
      if (transition === undefined || transition.kind === 'unreadable') return [];
      const unknown = transition.targets
        .filter((target) => !source.stepsByName.has(target.name))
        .map((target) => ({
          code: 'unknown-step',
          message: `the step "${name}" leads to "${target.name}", which is no step`,
          hint:
            didYouMean(target.name, source.stepsByName.keys()) ??
            'mark the method with @step, or list it in static steps',
          place: placeOf(target.node, definition.classIndex),
        }));
      const [first] = transition.targets;
      if (transition.kind !== 'switch' || transition.targets.length > 1) return unknown;
      return [
        ...unknown,
        {
          code: 'one-case',
          message: `the switch in the step "${name}" has fewer than two cases`,
          hint: 'add a case, or lead to the step without a condition',
          place: first === undefined ? undefined : placeOf(first.node, definition.classIndex),
        },
      ];
    }),
};
