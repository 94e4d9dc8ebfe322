import { placeOf } from '../source/flow-source.ts';
import type { SourceRule } from './lint-rule.ts';

/** A gang is started as one, which the scheduler of this version cannot do. */
export const gangNotSupported: SourceRule = {
  summaries: { 'gang-not-supported': 'numParallel cannot be run yet.' },
  check: ({ source }) =>
    source.steps.flatMap(({ name, transition, definition }) => {
      if (transition?.kind !== 'gang') return [];
      return [
        {
          code: 'gang-not-supported',
          message: `the step "${name}" starts a gang, but this version cannot run numParallel yet`,
          hint: 'use a foreach over the numbers instead: { foreach: [0, 1, 2] }',
          place: placeOf(transition.targets[0].node, definition.classIndex),
        },
      ];
    }),
};
