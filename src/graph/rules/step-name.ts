import type { SourceRule } from './lint-rule.ts';

const NAME = /^[a-z][A-Za-z0-9_]*$/;

export const stepName: SourceRule = {
  summaries: { 'step-name': 'Step names fit commands, ids and folders.' },
  check: ({ source }) =>
    source.steps
      .filter(({ name }) => !NAME.test(name))
      .map(({ name, place }) => ({
        code: 'step-name',
        message: `the step name "${name}" is not allowed`,
        hint: 'start with a lower-case letter; go on with letters, digits and _',
        place,
      })),
};
