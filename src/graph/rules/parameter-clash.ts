import { flagName } from '../../model/parameter-names.ts';
import type { SourceRule } from './lint-rule.ts';

/** Against the options of `run`; clashes between parameters show in the loaded class. */
export const parameterClash: SourceRule = {
  summaries: {
    'parameter-clash': 'No parameter has the flag of a run option or of another parameter.',
  },
  check({ source, reservedOptions }) {
    const taken = new Set(reservedOptions);
    const members = source.members.flat();
    return source.definition.parameters
      .filter(({ name }) => taken.has(flagName(name)))
      .map(({ name }) => ({
        code: 'parameter-clash',
        message: `the parameter "${name}" would be --${flagName(name)}, which is an option of run`,
        hint: 'rename the parameter',
        // One that a mutator added is written nowhere else.
        place: members.find((member) => member.name === name)?.place ?? {
          classIndex: 0,
          start: 0,
          length: 1,
        },
      }));
  },
};
