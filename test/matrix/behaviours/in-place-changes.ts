import type { Behaviour } from '../behaviour.ts';
import { isJoin } from '../rider.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

interface Book {
  pages: string[];
  counts: { [step: string]: number };
}

const fields = { book: { pages: [], counts: {} } };

/** A value that a step changes without assigning it is kept, and only for what follows from the step. */
export const inPlaceChanges: Behaviour = {
  name: 'in-place changes',
  fields,
  code: (step) => [
    ...(isJoin(step)
      ? [
          "this.book = structuredClone(inputs.length > 0 ? inputs.at(-1).book : Reflect.get(this, 'book'));",
        ]
      : []),
    'this.book.pages.push(here);',
    'this.book.counts[current.stepName] = (this.book.counts[current.stepName] ?? 0) + 1;',
  ],
  effect: (table, { step, path }) => {
    const last = table.inputs.at(-1);
    const before = isJoin(step) && last !== undefined ? last.get('book') : table.get('book');
    const book = structuredClone(before) as Book;
    book.pages.push(path);
    book.counts[step.name] = (book.counts[step.name] ?? 0) + 1;
    table.set('book', book);
  },
  check: (outing) => expectFieldsOfAll(outing, Object.keys(fields)),
};
