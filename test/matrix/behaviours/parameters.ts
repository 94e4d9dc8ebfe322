import { expect } from 'vitest';
import type { Behaviour } from '../behaviour.ts';
import { GIVEN } from '../launch.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

const GIVEN_VALUES = { count: GIVEN.count, word: GIVEN.word, list: ['by', 'default'] };

/** Parameters are the same in every task, joins included, whoever gave them, and cannot be changed. */
export const parameters: Behaviour = {
  name: 'parameters',
  imports: ['param'],
  parameters: [
    'readonly count = param.int({ default: 1 });',
    "readonly word = param.string({ default: 'nothing' });",
    "readonly list = param.list({ of: 'string', default: ['by', 'default'] });",
  ],
  fields: { given: null, refusal: '' },
  code: () => [
    "try { Reflect.set(this, 'count', 9); } catch (error: any) { this.refusal = error.code; }",
    'this.given = [{ count: this.count, word: this.word, list: this.list }, { ...current.parameters }];',
  ],
  effect: (table) => {
    table.set('refusal', 'PARAMETER_ASSIGNED');
    table.set('given', [GIVEN_VALUES, GIVEN_VALUES]);
  },
  check: async (outing) => {
    await expectFieldsOfAll(outing, ['given', 'refusal']);
    expect(await outing.ran.run.parameters).toEqual(GIVEN_VALUES);
  },
};
