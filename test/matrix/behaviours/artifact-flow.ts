import type { Behaviour } from '../behaviour.ts';
import { isJoin } from '../rider.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

const fields = { constant: 'initial', chain: '', sawConstant: '' };

/** What a step sets, the steps after it see: `chain` spells the whole way that led to a task. */
export const artifactFlow: Behaviour = {
  name: 'artifact flow',
  fields,
  code: (step) => [
    ...(step.name === 'start' ? ["this.constant = 'set by start';"] : []),
    'this.sawConstant = this.constant;',
    isJoin(step)
      ? "this.chain = '(' + inputs.map((input) => input.chain).join('|') + ')' + here;"
      : "this.chain += '>' + here;",
  ],
  effect: (table, { step, path }) => {
    if (step.name === 'start') table.set('constant', 'set by start');
    table.set('sawConstant', table.get('constant'));
    const chains = table.inputs.map((input) => input.get('chain'));
    table.set(
      'chain',
      isJoin(step) ? `(${chains.join('|')})${path}` : `${String(table.get('chain'))}>${path}`,
    );
  },
  check: (outing) => expectFieldsOfAll(outing, Object.keys(fields)),
};
