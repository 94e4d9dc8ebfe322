import { placeOf } from '../source/flow-source.ts';
import type { SourceRule } from './lint-rule.ts';

export const gangSize: SourceRule = {
  summaries: { 'gang-size': 'numParallel is a whole number of tasks from 1 on.' },
  check: ({ source }) =>
    source.steps.flatMap(({ name, transition, definition }) => {
      if (transition?.kind !== 'gang' || transition.size === undefined) return [];
      const { value, node } = transition.size;
      if (Number.isSafeInteger(value) && Number(value) >= 1) return [];
      return [
        {
          code: 'gang-size',
          message: `numParallel of the step "${name}" is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}, which is no number of tasks`,
          hint: 'write a whole number from 1 on, or a field that holds one',
          place: placeOf(node, definition.classIndex),
        },
      ];
    }),
};
