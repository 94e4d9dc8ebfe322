import type { MutationDigests } from '../../model/definition.ts';
import { FlowError } from '../../model/errors.ts';

const NAMED = 5;

/**
 * A file of its own beside the worker, loaded for flows with mutators.
 *
 * @param here What the mutators made in this process.
 * @param there What they made in the first process, which described the flow.
 * @throws FlowError `MUTATORS_DISAGREE`, naming what differs.
 */
export function requireSameMutations(
  flow: string,
  here: MutationDigests,
  there: MutationDigests,
): void {
  const changed = new Set([...Object.keys(there), ...Object.keys(here)]);
  const different = [...changed].filter((what) => here[what] !== there[what]);
  if (different.length === 0) return;
  const more = different.length > NAMED ? ` and ${different.length - NAMED} more` : '';
  throw new FlowError(
    `the flow mutators of ${flow} made something else in this process than in the first: ${different.slice(0, NAMED).join(', ')}${more}`,
    {
      code: 'MUTATORS_DISAGREE',
      hint: 'a mutator must do the same in every process: it must not depend on time, chance, the process, or the environment of one step',
    },
  );
}
