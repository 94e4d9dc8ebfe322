import { didYouMean } from '../../base/suggest.ts';
import { placeOf } from '../source/flow-source.ts';
import type { SourceRule } from './lint-rule.ts';

export const unknownStep: SourceRule = {
  summaries: { 'unknown-step': 'next names steps of the flow.' },
  check: ({ source }) =>
    source.steps.flatMap(({ name, transition, definition }) => {
      if (transition === undefined || transition.kind === 'unreadable') return [];
      return transition.targets
        .filter((target) => !source.stepsByName.has(target.name))
        .map((target) => ({
          code: 'unknown-step',
          message: `the step "${name}" leads to "${target.name}", which is no step`,
          hint:
            didYouMean(target.name, source.stepsByName.keys()) ??
            'mark the method with @step, or list it in static steps',
          place: placeOf(target.node, definition.classIndex),
        }));
    }),
};
