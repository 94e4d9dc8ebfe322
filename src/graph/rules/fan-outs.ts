import { placeOf } from '../source/flow-source.ts';
import type { Complaint, ShapeRule } from './lint-rule.ts';

export const fanOuts: ShapeRule = {
  summaries: {
    'empty-foreach': 'There is a step between a foreach and the join that closes it.',
    'gang-not-joined': 'A gang is followed by a join.',
  },
  check: ({ source, shape }) =>
    source.steps.flatMap(({ transition, definition }): Complaint[] => {
      if (transition?.kind !== 'foreach' && transition?.kind !== 'gang') return [];
      const [target] = transition.targets;
      const place = placeOf(target.node, definition.classIndex);
      const item = source.stepsByName.get(target.name);
      if (item?.member?.firstParameter === 'inputs') {
        return [
          {
            code: 'empty-foreach',
            message: `the foreach leads straight into the join "${target.name}"`,
            hint: 'put a step that takes the item between them',
            place,
          },
        ];
      }
      if (transition.kind !== 'gang') return [];
      const after = shape.wiring.out[shape.wiring.numbers.get(target.name) ?? -1] ?? [];
      const joined = after.every(({ to }) => shape.nodes.get(to)?.joins !== 'none');
      return joined
        ? []
        : [
            {
              code: 'gang-not-joined',
              message: `the gang "${target.name}" is not followed by a join`,
              hint: 'lead from it to a step that takes the inputs',
              place,
            },
          ];
    }),
};
