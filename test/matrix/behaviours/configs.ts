import type { Behaviour } from '../behaviour.ts';
import { GIVEN } from '../launch.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

/** A config is there before the class is, the same in every task and in a resume, and frozen. */
export const configs: Behaviour = {
  name: 'configs',
  imports: ['config'],
  prelude: [
    "const tuning: any = config('tuning', { default: { factor: 1, deep: { list: [1] } } });",
    "const untouched: any = config('untouched', { default: ['default'] });",
    'const factorAtImport = tuning.factor;',
  ].join('\n'),
  fields: { tuned: null },
  code: () => [
    'let isFrozen = false;',
    'try { tuning.deep.list.push(2); } catch { isFrozen = true; }',
    'this.tuned = [factorAtImport, tuning.deep.list.length, untouched[0], isFrozen];',
  ],
  effect: (table) => table.set('tuned', [GIVEN.tuning.factor, 3, 'default', true]),
  check: (outing) => expectFieldsOfAll(outing, ['tuned']),
};
