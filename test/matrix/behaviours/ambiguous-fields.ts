import type { Behaviour } from '../behaviour.ts';
import { isJoin } from '../rider.ts';
import type { Shape, ShapeStep } from '../shape.ts';
import { stepsBetween } from '../shape-graph.ts';
import { deletesDoomed } from './deleted-fields.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

const LOOKED_AT = ['constant', 'chain', 'kept', 'doomed', 'me', 'wanders'];

/** A join reads what no input has changed; for anything else it is told to ask the inputs. */
export const ambiguousFields: Behaviour = {
  name: 'fields that a join cannot know',
  fields: { readable: {} },
  code: (step) =>
    isJoin(step)
      ? [
          'const look = (name: string) => {',
          '  try {',
          '    return Reflect.get(this, name) ?? null;',
          '  } catch (error: any) {',
          '    return error.code;',
          '  }',
          '};',
          `this.readable = Object.fromEntries(${JSON.stringify(LOOKED_AT)}.map((name) => [name, look(name)]));`,
        ]
      : [],
  effect: (table, { step }, shape) => {
    if (!isJoin(step)) return;
    // A field that was gone before the fork is known to be so, unless a step in between could set it.
    const isGone = (name: string) => !table.hadFork(name) && !couldChange(name, step, shape);
    const look = (name: string) => {
      if (table.has(name)) return table.get(name);
      return isGone(name) ? null : 'JOIN_FIELD_AMBIGUOUS';
    };
    table.set('readable', Object.fromEntries(LOOKED_AT.map((name) => [name, look(name)])));
  },
  check: (outing) => expectFieldsOfAll(outing, ['readable']),
};

/** Of what is looked at, only `doomed` is ever gone. */
function couldChange(name: string, join: ShapeStep, shape: Shape): boolean {
  const between = stepsBetween(shape, join);
  return name === 'doomed' && between.some((step) => deletesDoomed(step, shape));
}
