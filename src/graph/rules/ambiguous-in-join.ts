import { FieldFlow } from '../fields/field-flow.ts';
import type { Complaint, ShapeContext, ShapeRule } from './lint-rule.ts';

/**
 * What the steps between a fork and its join set has no one value in the join. Where the fork had
 * none either, reading it fails for sure; else it fails unless all inputs left the fork's value alone,
 * which is a warning.
 */
export const ambiguousInJoin: ShapeRule = {
  summaries: {
    'ambiguous-in-join':
      'A join reads what the steps that it joins set from its inputs, or after it has merged them.',
  },
  check(context) {
    if (!context.shape.isWhole) return [];
    const flow = new FieldFlow(context);
    const others = namesNotKept(context);
    return [...context.shape.nodes].flatMap(([join, { closes }]) =>
      closes === undefined ? [] : complainAbout({ join, fork: closes, flow, others, context }),
    );
  },
};

interface Join {
  readonly join: number;
  readonly fork: number;
  readonly flow: FieldFlow;
  /** Names that are no artifacts. */
  readonly others: ReadonlySet<string>;
  readonly context: ShapeContext;
}

function complainAbout(found: Join): Complaint[] {
  const { join, fork, flow, others, context } = found;
  const step = context.source.steps[join];
  if (step === undefined) return [];
  const { reads, sets, merges, escapes } = context.fields.of(step);
  if (merges || escapes) return [];
  const unsure = [...reads].filter(([name]) => !sets.has(name) && !others.has(name));
  if (unsure.length === 0) return [];
  const between = flow.setBetween(fork, join);
  return unsure
    .filter(([name]) => between.has(name) && !name.startsWith('_'))
    .map(([name, { place }]) => ({
      code: 'ambiguous-in-join',
      severity: mayHaveValue(name, found) ? 'warning' : 'error',
      message: `the join "${step.name}" reads this.${name}, which the steps that it joins may have set differently`,
      hint: 'read it from each of the inputs, or call this.mergeArtifacts(inputs) first',
      place,
    }));
}

function mayHaveValue(name: string, { join, flow, context }: Join): boolean {
  const { fields } = context.source.definition;
  if (fields.some((field) => field.name === name && field.initialised)) return true;
  return flow.reach(flow.settersOf(name)).has(join);
}

function namesNotKept({ source }: ShapeContext): ReadonlySet<string> {
  const { fields, parameters } = source.definition;
  return new Set([
    ...fields.filter(({ transient }) => transient).map(({ name }) => name),
    ...parameters.map(({ name }) => name),
    ...source.members.flat().flatMap(({ name, kind }) => (kind === 'field' ? [] : [name])),
  ]);
}
