import { placeOf } from '../source/flow-source.ts';
import type { SourceRule } from './lint-rule.ts';

export const parameterAssigned: SourceRule = {
  summaries: { 'parameter-assigned': 'Parameters are read-only in steps.' },
  check({ source }) {
    const names = new Set(source.definition.parameters.map(({ name }) => name));
    return source.members.flat().flatMap((member) =>
      member.kind === 'constructor'
        ? []
        : [...(member.facts?.sets ?? [])]
            .filter(([name]) => names.has(name))
            .map(([name, node]) => ({
              code: 'parameter-assigned',
              message: `"${member.name}" assigns the parameter "${name}", which is read-only`,
              hint: 'keep the new value in a field of its own',
              place: placeOf(node, member.classIndex),
            })),
    );
  },
};
