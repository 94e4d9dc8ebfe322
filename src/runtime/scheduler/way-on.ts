import type { CatchPolicy } from '../../model/definition.ts';
import type { GraphTransition } from '../../model/graph.ts';
import type { TakenTransition } from '../../model/task.ts';

/**
 * How the flow goes on from a caught failure: as the step's text says, and where that leaves a choice,
 * as its policy does. Undefined if neither says it, which lint refuses.
 */
export function wayOn(
  transition: GraphTransition,
  { take, items }: CatchPolicy,
): TakenTransition | undefined {
  switch (transition.kind) {
    case 'end':
      return { kind: 'end' };
    case 'next':
      return { kind: 'next', to: transition.to };
    case 'switch': {
      const found = transition.cases.find(({ label }) => label === take);
      return found && { kind: 'switch', to: found.to, label: found.label };
    }
    case 'foreach':
    case 'gang':
      return items && { kind: transition.kind, to: transition.to, size: 0, pages: [] };
  }
}
