import { placeOf } from '../source/flow-source.ts';
import type { SourceRule } from './lint-rule.ts';

export const oneCase: SourceRule = {
  summaries: { 'one-case': 'A switch has at least two cases.' },
  check: ({ source }) =>
    source.steps.flatMap(({ name, transition, place, definition }) => {
      if (transition?.kind !== 'switch' || transition.targets.length > 1) return [];
      const [target] = transition.targets;
      return [
        {
          code: 'one-case',
          message: `the switch in the step "${name}" has fewer than two cases`,
          hint: 'add a case, or lead to the step without a condition',
          place: target === undefined ? place : placeOf(target.node, definition.classIndex),
        },
      ];
    }),
};
