import { type FlowSource, type Place } from '../source/flow-source.ts';
import type { SourceRule } from './lint-rule.ts';

export const fieldHidesStep: SourceRule = {
  summaries: { 'field-hides-step': 'No field or parameter has the name of a step.' },
  check({ source }) {
    const { fields, parameters } = source.definition;
    return [...fields, ...parameters]
      .filter(({ name }) => source.stepsByName.has(name))
      .map(({ name }) => ({
        code: 'field-hides-step',
        message: `the field "${name}" hides the step of that name`,
        hint: 'rename one of them',
        place: fieldPlace(name, source) ?? source.stepsByName.get(name)?.place,
      }));
  },
};

function fieldPlace(name: string, { members }: FlowSource): Place | undefined {
  return members.flat().find((member) => member.kind === 'field' && member.name === name)?.place;
}
