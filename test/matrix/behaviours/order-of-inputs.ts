import type { Behaviour } from '../behaviour.ts';
import { isJoin } from '../rider.ts';
import { fansOut, type Shape, type ShapeStep } from '../shape.ts';
import { targetsOf } from '../shape-graph.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

const fields = { me: '', order: null, byName: null };

const sourcesOf = (join: ShapeStep, shape: Shape): readonly string[] =>
  shape.steps.filter(({ way }) => targetsOf(way).includes(join.name)).map(({ name }) => name);

/** A branch join also finds its inputs by the names of their steps. */
const namesOf = (join: ShapeStep, shape: Shape): readonly string[] => {
  const closed = shape.steps.find(({ name }) => name === join.closes);
  return fansOut(closed?.way) ? [] : sourcesOf(join, shape);
};

/** Joins see their inputs in the order of the declaration or of the items, whatever ended first. */
export const orderOfInputs: Behaviour = {
  name: 'order of inputs',
  fields,
  code: (step, shape) => [
    ...(isJoin(step)
      ? [
          'this.order = inputs.map((input) => input.me);',
          `this.byName = [${namesOf(step, shape)
            .map((name) => `inputs.${name}?.me ?? null`)
            .join(', ')}];`,
        ]
      : []),
    'this.me = here;',
  ],
  effect: (table, { step, path, inputs }, shape) => {
    if (isJoin(step)) {
      const told = table.inputs.map((input) => input.get('me'));
      const byStep = new Map(inputs.map((input, index) => [input.split('/')[0], told[index]]));
      table.set('order', told);
      table.set(
        'byName',
        namesOf(step, shape).map((name) => byStep.get(name) ?? null),
      );
    }
    table.set('me', path);
  },
  check: (outing) => expectFieldsOfAll(outing, Object.keys(fields)),
};
