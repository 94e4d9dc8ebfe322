import type { Behaviour } from '../behaviour.ts';
import { isJoin } from '../rider.ts';
import { isStream, type Shape, takesItem } from '../shape.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

/** How many items these have is known only at some moment. */
const streamsOf = ({ steps }: Shape): readonly string[] =>
  steps.filter(isStream).map(({ name }) => name);

/** Inside a foreach a task knows its item, its index, and every foreach around it. */
export const items: Behaviour = {
  name: 'items, indexes and stacks',
  fields: { seat: null },
  code: (step, shape) => {
    const isItem = takesItem(step, shape);
    return [
      'this.seat = {',
      `  argument: ${isItem && !isJoin(step) ? 'item' : 'null'},`,
      '  input: this.input ?? null,',
      '  index: this.index ?? null,',
      `  stack: this.foreachStack().map(({ step, index, size, item }) => [step, index, ${JSON.stringify(streamsOf(shape))}.includes(step) ? 'open' : size, item]),`,
      '  same: current.foreachStack.map(({ item }) => item),',
      '};',
    ];
  },
  effect: (table, { step, stack }, shape) => {
    const isItem = takesItem(step, shape);
    const inner = stack.at(-1);
    table.set('seat', {
      argument: isItem ? inner?.item : null,
      input: inner?.item ?? null,
      index: inner?.index ?? null,
      stack: stack.map(({ step: splitter, index, size, item }) => [
        splitter,
        index,
        streamsOf(shape).includes(splitter) ? 'open' : size,
        item,
      ]),
      same: stack.map(({ item }) => item),
    });
  },
  check: (outing) => expectFieldsOfAll(outing, ['seat']),
};
