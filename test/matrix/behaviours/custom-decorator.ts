import type { Behaviour } from '../behaviour.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

/** Code around every step sees it begin and end, with its argument and what it set. */
export const customDecorator: Behaviour = {
  name: 'custom decorator',
  imports: ['stepDecorator'],
  prelude: [
    "const noted = stepDecorator<string>({ name: 'noted', async around({ flow, step, options }, run) {",
    '  const target = flow as any;',
    '  target.noted = [options, step];',
    '  await run();',
    "  target.noted = [...target.noted, 'after'];",
    '} });',
  ].join('\n'),
  fields: { noted: null },
  decorators: ({ name }) => [`@noted('around ${name}')`],
  code: () => ["this.noted = [...this.noted, 'inside'];"],
  effect: (table, { step: { name } }) =>
    table.set('noted', [`around ${name}`, name, 'inside', 'after']),
  check: (outing) => expectFieldsOfAll(outing, ['noted']),
};
