import { describeLimitConflict, limitConflicts } from '../../model/limit-conflicts.ts';
import type { SourceRule } from './lint-rule.ts';

export const limitConflict: SourceRule = {
  summaries: { 'limit-conflict': 'A shared limit has the same count wherever it is named.' },
  check: ({ source }) =>
    limitConflicts(source.definition.steps).map((conflict) => ({
      code: 'limit-conflict',
      message: describeLimitConflict(conflict),
      hint: 'give it the same count in both',
      place: source.stepsByName.get(conflict.other.step)?.place,
    })),
};
