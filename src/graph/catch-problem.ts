import { didYouMean } from '../base/suggest.ts';
import type { CatchPolicy } from '../model/definition.ts';
import type { GraphTransition } from '../model/graph.ts';

export interface CatchProblem {
  readonly message: string;
  readonly hint: string;
}

/**
 * Why nobody could say how the flow goes on from a caught failure: no body runs again, so what the
 * step's text leaves open must be in the decorator. Undefined where it is, or there is no choice.
 */
export function catchProblem(
  step: string,
  transition: GraphTransition,
  { field, take, items }: CatchPolicy,
): CatchProblem | undefined {
  const call = (option: string) => `write @catchError('${field}', { ${option} })`;
  if (transition.kind === 'switch') {
    const labels = transition.cases.map(({ label }) => label);
    if (take === undefined) {
      return {
        message: `@catchError on "${step}" does not say which case of its switch is taken after a failure`,
        hint: `${call(`take: '${labels[0] ?? 'case'}'`)}; the cases are ${labels.join(', ')}`,
      };
    }
    if (labels.includes(take)) return undefined;
    return {
      message: `@catchError on "${step}" takes the case "${take}", which its switch does not have`,
      hint: didYouMean(take, labels) ?? `the cases are ${labels.join(', ')}`,
    };
  }
  if (transition.kind !== 'foreach' && transition.kind !== 'gang') return undefined;
  if (items !== undefined) return undefined;
  const what = transition.kind === 'foreach' ? 'a foreach' : 'a gang';
  return {
    message: `@catchError on "${step}", which opens ${what}, does not say what follows after a failure`,
    hint: `${call('items: []')}: then the join that closes it runs, with no inputs`,
  };
}

/** Options that mean nothing for the way the step goes on. */
export function misplacedOption(
  step: string,
  transition: GraphTransition,
  { take, items }: CatchPolicy,
): CatchProblem | undefined {
  if (take !== undefined && transition.kind !== 'switch') {
    return {
      message: `@catchError on "${step}" takes the case "${take}", but the step has no switch`,
      hint: 'leave take out: without a switch there is nothing to choose',
    };
  }
  if (items === undefined || transition.kind === 'foreach' || transition.kind === 'gang') {
    return undefined;
  }
  return {
    message: `@catchError on "${step}" has items, but the step has no foreach`,
    hint: 'leave items out: without a foreach there are none',
  };
}
