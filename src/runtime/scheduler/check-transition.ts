import { didYouMean } from '../../base/suggest.ts';
import type { TakenTransition } from '../../model/task.ts';
import type { PlanStep } from './plan.ts';

/** Why the graph does not allow what a task says that it did; undefined if it does. */
export function checkTransition(step: PlanStep, taken: TakenTransition): string | undefined {
  const declared = step.node.transition;
  if (declared.kind !== taken.kind) {
    return `"${step.name}" ended with ${phrase(taken)}, but its text says ${declared.kind}`;
  }
  switch (taken.kind) {
    case 'end':
      return undefined;
    case 'next':
      return declared.kind === 'next' && sameNames(declared.to, taken.to)
        ? undefined
        : `"${step.name}" went to ${taken.to.join(', ')}, which is not what its text says`;
    case 'foreach':
      return declared.kind === 'foreach' && declared.to === taken.to
        ? checkPages(step, taken)
        : `"${step.name}" fanned out to "${taken.to}", which is not what its text says`;
    case 'gang':
      return declared.kind === 'gang' && declared.to === taken.to
        ? checkPages(step, taken)
        : `"${step.name}" started a gang of "${taken.to}", which is not what its text says`;
    case 'switch':
      return checkCase(step, taken);
  }
}

function checkCase(
  step: PlanStep,
  { to, label }: Extract<TakenTransition, { readonly kind: 'switch' }>,
): string | undefined {
  const { transition } = step.node;
  const cases = transition.kind === 'switch' ? transition.cases : [];
  if (cases.some((one) => one.label === label && one.to === to)) return undefined;
  const labels = cases.map((one) => one.label);
  return `"${step.name}" has no case ${label}; ${didYouMean(label, labels) ?? `it has ${labels.join(', ')}`}`;
}

/** Items are addressed by page: a gap or an overlap would give a task another's item. */
function checkPages(
  step: PlanStep,
  { size, pages }: Extract<TakenTransition, { readonly kind: 'foreach' | 'gang' }>,
): string | undefined {
  let next = 0;
  for (const page of pages) {
    if (page.first !== next || page.count < 1)
      return `the items of "${step.name}" are not in order`;
    next += page.count;
  }
  return next === size ? undefined : `"${step.name}" counts ${size} items and sent ${next}`;
}

function phrase(taken: TakenTransition): string {
  return taken.kind === 'end' ? 'no next' : taken.kind;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, n) => name === b[n]);
}
