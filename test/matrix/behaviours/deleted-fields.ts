import type { Behaviour } from '../behaviour.ts';
import { isJoin } from '../rider.ts';
import type { Shape, ShapeStep } from '../shape.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

const fields = { doomed: 'initial', kept: 'initial', sawDoomed: '' };

/** Every other step deletes: in a split one branch does and the other does not. */
export const deletesDoomed = (step: ShapeStep, shape: Shape): boolean =>
  !isJoin(step) && shape.steps.indexOf(step) % 2 === 1;

/** A deleted field stays away, though the constructor makes it anew in every task. */
export const deletedFields: Behaviour = {
  name: 'deleted fields',
  fields,
  code: (step, shape) => [
    ...(isJoin(step) ? [] : ["this.sawDoomed = this.doomed ?? 'gone';"]),
    ...(deletesDoomed(step, shape) ? ['delete this.doomed;'] : []),
  ],
  effect: (table, { step }, shape) => {
    if (!isJoin(step)) table.set('sawDoomed', table.get('doomed') ?? 'gone');
    if (deletesDoomed(step, shape)) table.delete('doomed');
  },
  check: (outing) => expectFieldsOfAll(outing, Object.keys(fields)),
};
