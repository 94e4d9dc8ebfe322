import { FLOW_MEMBERS } from '../../model/flow-members.ts';
import type { SourceRule } from './lint-rule.ts';

const NAME = /^[a-z][A-Za-z0-9_]*$/;

export const stepNames: SourceRule = {
  summaries: {
    'step-name': 'A step has a name that commands, ids and folders cannot carry.',
    'reserved-name':
      'A step, field or parameter has the name of something that the runtime provides.',
  },
  check: ({ source }) =>
    source.steps.flatMap(({ name, place }) => {
      if (FLOW_MEMBERS.has(name) || name === 'current') {
        return [
          {
            code: 'reserved-name',
            message: `"${name}" is a reserved name, so no step may have it`,
            hint: 'rename the step',
            place,
          },
        ];
      }
      if (NAME.test(name)) return [];
      return [
        {
          code: 'step-name',
          message: `the step name "${name}" is not allowed`,
          hint: 'start with a lower-case letter; go on with letters, digits and _',
          place,
        },
      ];
    }),
};
