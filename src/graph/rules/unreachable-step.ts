import type { ShapeRule } from './lint-rule.ts';

/**
 * Says nothing where a transition could not be read: it may lead anywhere; nor where steps lead in a
 * circle, which has no way out yet.
 */
export const unreachableStep: ShapeRule = {
  summaries: { 'unreachable-step': 'Every step can be reached from start.' },
  check({ source, shape }) {
    if (!shape.isWhole || shape.findings.some(({ kind }) => kind === 'cycle')) return [];
    return source.steps
      .filter((_, number) => !shape.order.rank.has(number))
      .map(({ name, place }) => ({
        code: 'unreachable-step',
        message: `no way leads from "start" to the step "${name}"`,
        hint: 'lead to it with next, or remove it',
        place,
      }));
  },
};
