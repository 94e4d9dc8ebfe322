import type { SkippedWay } from '../flow/step-wrapper.ts';
import type { RequestedTransition } from '../flow/transition.ts';
import { FlowError } from '../model/errors.ts';
import type { GraphTransition } from '../model/graph.ts';

export interface SkippedStep {
  readonly step: string;
  readonly transition: GraphTransition;
}

/**
 * What a task asks for whose step did not get to its `next`: the one transition of its text. Where
 * that leaves a choice, the decorator must have said which.
 */
export function skippedTransition(
  { step, transition }: SkippedStep,
  way: SkippedWay,
): RequestedTransition | undefined {
  for (const name of Object.keys(way)) {
    if (name === optionOf(transition)) continue;
    throw refuse(
      `the skipped step "${step}" was given the way { ${name} }, and has no use for it`,
      hintOf(transition),
    );
  }
  switch (transition.kind) {
    case 'end':
      return undefined;
    case 'next':
      return { kind: 'next', to: transition.to };
    case 'switch':
      if (way.take === undefined) throw undecided(step, transition);
      return { kind: 'switch', cases: transition.cases, condition: way.take };
    case 'foreach':
      if (way.items === undefined) throw undecided(step, transition);
      return { kind: 'foreach', to: transition.to, items: way.items };
    case 'gang':
      throw undecided(step, transition);
  }
}

function optionOf({ kind }: GraphTransition): string | undefined {
  if (kind === 'switch') return 'take';
  return kind === 'foreach' ? 'items' : undefined;
}

function undecided(step: string, transition: GraphTransition): FlowError {
  return refuse(
    `the step "${step}" did not get to its next, and it has several ways to go on`,
    hintOf(transition),
  );
}

function hintOf(transition: GraphTransition): string {
  switch (transition.kind) {
    case 'switch':
      return `say the case: task.skip({ take: ${transition.cases.map(({ label }) => `'${label}'`).join(' | ')} })`;
    case 'foreach':
      return 'say the items: task.skip({ items: [] }) leads straight to the join';
    case 'gang':
      return 'a step that starts a gang cannot be skipped';
    case 'end':
    case 'next':
      return 'write task.skip()';
  }
}

function refuse(message: string, hint: string): FlowError {
  return new FlowError(message, { code: 'SKIP_UNDECIDED', hint });
}
