import type { Behaviour } from '../behaviour.ts';
import { isJoin } from '../rider.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

/** Inside a foreach a task knows its item, its index, and every foreach around it. */
export const items: Behaviour = {
  name: 'items, indexes and stacks',
  fields: { seat: null },
  code: (step, shape) => {
    const isItem = shape.steps.some(({ way }) => way.kind === 'foreach' && way.to === step.name);
    return [
      'this.seat = {',
      `  argument: ${isItem && !isJoin(step) ? 'item' : 'null'},`,
      '  input: this.input ?? null,',
      '  index: this.index ?? null,',
      '  stack: this.foreachStack().map(({ step, index, size, item }) => [step, index, size, item]),',
      '  same: current.foreachStack.map(({ item }) => item),',
      '};',
    ];
  },
  effect: (table, { step, stack }, shape) => {
    const isItem = shape.steps.some(({ way }) => way.kind === 'foreach' && way.to === step.name);
    const inner = stack.at(-1);
    table.set('seat', {
      argument: isItem ? inner?.item : null,
      input: inner?.item ?? null,
      index: inner?.index ?? null,
      stack: stack.map(({ step: splitter, index, size, item }) => [splitter, index, size, item]),
      same: stack.map(({ item }) => item),
    });
  },
  check: (outing) => expectFieldsOfAll(outing, ['seat']),
};
