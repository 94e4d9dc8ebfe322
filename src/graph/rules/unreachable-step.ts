import type { ShapeRule } from './lint-rule.ts';

/** Says nothing where a transition could not be read: it may lead anywhere. */
export const unreachableStep: ShapeRule = {
  summaries: { 'unreachable-step': 'Every step can be reached from start.' },
  check: ({ source, shape }) =>
    source.steps
      .filter((_, number) => shape.isWhole && !shape.order.rank.has(number))
      .map(({ name, place }) => ({
        code: 'unreachable-step',
        message: `no way leads from "start" to the step "${name}"`,
        hint: 'lead to it with next, or remove it',
        place,
      })),
};
