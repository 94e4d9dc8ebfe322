import type { Place, SourceStep } from '../source/flow-source.ts';
import type { Complaint } from './lint-rule.ts';

/**
 * Whether the target of a foreach that no join closes was meant to be that join itself: it merges, or
 * calls its argument so. An item may be called anything, so this counts only where the join is missing.
 */
export function looksLikeJoin({ member, definition }: SourceStep): boolean {
  if (definition.arity === 0) return false;
  const merges = member?.facts?.calls.has('mergeArtifacts') === true;
  return merges || /inputs?\d*$/i.test(member?.firstParameter ?? '');
}

export function emptyForeach(
  join: string,
  opened: 'foreach' | 'gang',
  place: Place | undefined,
): Complaint {
  return {
    code: 'empty-foreach',
    message: `the ${opened} leads straight into the join "${join}"`,
    hint: `put a step that takes the ${opened === 'gang' ? 'number' : 'item'} between them`,
    place,
  };
}
