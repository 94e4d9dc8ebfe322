import type { SourceRule } from './lint-rule.ts';

export const accessorField: SourceRule = {
  summaries: { 'accessor-field': 'Artifacts are plain fields, not accessor fields.' },
  check: ({ source, map }) =>
    source.members
      .flat()
      // Lowered, they are pairs of accessors: only the user's line tells.
      .filter(({ kind, place }) => kind === 'get' && /\baccessor\s/.test(map.lineOf(place) ?? ''))
      .map(({ name, place }) => ({
        code: 'accessor-field',
        message: `"${name}" is an accessor field, which cannot be kept as an artifact`,
        hint: 'remove the word accessor',
        place,
      })),
};
