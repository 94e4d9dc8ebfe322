import { placeOf } from '../source/flow-source.ts';
import type { SourceRule } from './lint-rule.ts';

export const edgeIntoStart: SourceRule = {
  summaries: { 'edge-into-start': 'Nothing leads to start.' },
  check: ({ source }) =>
    source.steps.flatMap(({ name, transition, definition }) => {
      if (transition === undefined || transition.kind === 'unreadable') return [];
      return transition.targets
        .filter((target) => target.name === 'start')
        .map((target) => ({
          code: 'edge-into-start',
          message: `the step "${name}" leads back to "start", which only begins a run`,
          hint: 'move the work that repeats into a step of its own',
          place: placeOf(target.node, definition.classIndex),
        }));
    }),
};
