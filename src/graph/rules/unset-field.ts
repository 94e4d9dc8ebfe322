import type { AnyNode } from 'acorn';
import { FLOW_MEMBERS } from '../../model/flow-members.ts';
import { placeOf } from '../source/flow-source.ts';
import type { Complaint, ShapeContext, ShapeRule } from './lint-rule.ts';

/**
 * A field that no way to the step sets. Says nothing where it cannot be sure: where `this` leaves a
 * step before, and of reads that allow for a missing value.
 */
export const unsetField: ShapeRule = {
  summaries: { 'unset-field': 'A step reads a field that no step before it sets.' },
  check(context) {
    if (context.shape.findings.length > 0) return [];
    const known = knownNames(context);
    const readers = new Map<string, { readonly step: number; readonly node: AnyNode }[]>();
    for (const [number, step] of context.source.steps.entries()) {
      for (const [name, node] of context.fields.of(step).reads) {
        if (known.has(name) || name.startsWith('#')) continue;
        readers.set(name, [...(readers.get(name) ?? []), { step: number, node }]);
      }
    }
    return [...readers].flatMap(([name, reads]) => {
      const reached = stepsWith(name, context);
      return reads
        .filter(({ step }) => !reached.has(step))
        .map(({ step, node }) => complain(name, { step, node }, context));
    });
  },
};

/** Everything that has a value, or may have one, before `start`. */
function knownNames({ source }: ShapeContext): ReadonlySet<string> {
  const { fields, parameters } = source.definition;
  return new Set([
    ...FLOW_MEMBERS,
    ...Object.getOwnPropertyNames(Object.prototype),
    ...fields.filter(({ initialised }) => initialised).map(({ name }) => name),
    ...parameters.map(({ name }) => name),
    ...source.members.flat().flatMap(({ name, kind }) => (kind === 'field' ? [] : [name])),
    ...source.steps.map(({ name }) => name),
  ]);
}

/** The steps that may find the field set, or that set it themselves. */
function stepsWith(field: string, { source, fields, shape }: ShapeContext): ReadonlySet<number> {
  const open = source.steps.flatMap((step, number) => {
    const { sets, escapes } = fields.of(step);
    return sets.has(field) || escapes ? [number] : [];
  });
  const reached = new Set(open);
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const { to } of shape.wiring.out[step] ?? []) {
      if (reached.has(to)) continue;
      reached.add(to);
      open.push(to);
    }
  }
  return reached;
}

function complain(
  name: string,
  { step, node }: { readonly step: number; readonly node: AnyNode },
  { source }: ShapeContext,
): Complaint {
  const reader = source.steps[step];
  return {
    code: 'unset-field',
    message: `the step "${reader?.name}" reads this.${name}, which no step before it sets`,
    hint: 'set it in a step before, or give the field an initial value',
    place: placeOf(node, reader?.definition.classIndex ?? 0),
  };
}
