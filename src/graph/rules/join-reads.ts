import { placeOf } from '../source/flow-source.ts';
import type { Complaint, ShapeContext, ShapeRule } from './lint-rule.ts';

/** What the steps between a fork and its join set has no one value in the join. */
export const joinReads: ShapeRule = {
  summaries: {
    'ambiguous-in-join':
      'A join reads a field of its own that the steps it joins may have set apart.',
  },
  check(context) {
    if (context.shape.findings.length > 0) return [];
    return context.source.steps.flatMap((step, number): Complaint[] => {
      const closes = context.shape.nodes.get(number)?.closes;
      const { reads, sets, merges, escapes } = context.fields.of(step);
      const unsure = [...reads].filter(([name]) => !sets.has(name));
      if (closes === undefined || merges || escapes || unsure.length === 0) return [];
      const between = setBetween(closes, number, context);
      return unsure
        .filter(([name]) => between.has(name))
        .map(([name, node]) =>
          complain(step.name, name, placeOf(node, step.definition.classIndex)),
        );
    });
  },
};

function complain(join: string, field: string, place: Complaint['place']): Complaint {
  return {
    code: 'ambiguous-in-join',
    message: `the join "${join}" reads this.${field}, which the steps that it joins may have set differently`,
    hint: `read it from each of the inputs, or call this.mergeArtifacts(inputs) first`,
    place,
  };
}

function setBetween(
  fork: number,
  join: number,
  { source, fields, shape }: ShapeContext,
): Set<string> {
  const found = new Set<string>();
  const seen = new Set([fork, join]);
  const open = [join];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { from } of shape.order.into[at] ?? []) {
      if (seen.has(from)) continue;
      seen.add(from);
      open.push(from);
      const step = source.steps[from];
      if (step !== undefined) for (const name of fields.of(step).sets) found.add(name);
    }
  }
  return found;
}
