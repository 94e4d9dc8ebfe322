import { placeOf } from '../source/flow-source.ts';
import type { ShapeRule } from './lint-rule.ts';

/** A second round would be a task of its own: only the first would run beside the others. */
export const gangLoop: ShapeRule = {
  summaries: { 'gang-loop': 'The step that runs as a gang is not the head of a loop.' },
  check: ({ source, shape }) =>
    source.steps.flatMap(({ name, transition, definition }) => {
      if (transition?.kind !== 'gang') return [];
      const [target] = transition.targets;
      const number = shape.wiring.numbers.get(target.name);
      const level = number === undefined ? undefined : shape.nodes.get(number)?.levels.at(-1);
      if (level?.kind !== 'loop' || level.head !== number) return [];
      return [
        {
          code: 'gang-loop',
          message: `the step "${target.name}" runs as a gang of "${name}" and is the head of a loop`,
          hint: `let "${target.name}" lead to a step of its own that repeats`,
          place: placeOf(target.node, definition.classIndex),
        },
      ];
    }),
};
