import type { ShapeRule } from './lint-rule.ts';

export const unreachable: ShapeRule = {
  summaries: { 'unreachable-step': 'Every step can be reached from start.' },
  check: ({ source, shape }) =>
    source.steps
      .filter((_, number) => !shape.order.rank.has(number))
      .map(({ name, place }) => ({
        code: 'unreachable-step',
        message: `no way leads from "start" to the step "${name}"`,
        hint: 'lead to it with next, or remove it',
        place,
      })),
};
