import { FLOW_MEMBERS } from '../../model/flow-members.ts';
import type { Complaint, SourceRule } from './lint-rule.ts';

export const fieldNames: SourceRule = {
  summaries: {
    'field-hides-step': 'A field or parameter has the name of a step.',
    'accessor-field': 'Artifacts are plain fields, not accessor fields.',
  },
  check({ source, map }) {
    const members = source.members.flat();
    const { fields, parameters } = source.definition;
    const hiding = [...fields, ...parameters].flatMap(({ name }): Complaint[] => {
      const place = members.find((m) => m.kind === 'field' && m.name === name)?.place;
      if (source.stepsByName.has(name)) {
        const message = `the field "${name}" hides the step of that name`;
        return [{ code: 'field-hides-step', message, hint: 'rename one of them', place }];
      }
      if (!FLOW_MEMBERS.has(name)) return [];
      const message = `"${name}" is a reserved name, so no field may have it`;
      return [{ code: 'reserved-name', message, hint: 'rename it', place }];
    });
    // Lowered, they are pairs of accessors: only the user's line tells.
    const accessors = members.filter(
      ({ kind, place }) => kind === 'get' && /\baccessor\s/.test(map.lineOf(place) ?? ''),
    );
    return [
      ...hiding,
      ...accessors.map(({ name, place }) => ({
        code: 'accessor-field',
        message: `"${name}" is an accessor field, which cannot be kept as an artifact`,
        hint: 'remove the word accessor',
        place,
      })),
    ];
  },
};
