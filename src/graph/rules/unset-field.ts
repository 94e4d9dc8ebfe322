import { didYouMean } from '../../base/suggest.ts';
import { FLOW_MEMBERS } from '../../model/flow-members.ts';
import { FieldFlow } from '../fields/field-flow.ts';
import type { FieldRead } from '../fields/field-use.ts';
import type { Complaint, ShapeContext, ShapeRule } from './lint-rule.ts';

/**
 * A field that has no value when a step reads it. Says nothing where it cannot be sure: where `this`
 * leaves a step before, where a transition or a class could not be read, and of reads that allow for
 * a missing value.
 */
export const unsetField: ShapeRule = {
  summaries: {
    'unset-field':
      'A step reads only fields that have an initial value or that a step before it sets.',
  },
  check(context) {
    if (context.source.unreadable.length > 0) return [];
    const known = knownNames(context);
    const flow = new FieldFlow(context);
    return [...readersOf(context, known)].flatMap(([field, readers]) =>
      complainAbout(field, { readers, flow, known, context }),
    );
  },
};

interface Reader {
  readonly step: number;
  readonly name: string;
  readonly read: FieldRead;
}

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

/** By field; of unreachable steps nobody knows what comes before them. */
function readersOf(
  { source, fields, shape }: ShapeContext,
  known: ReadonlySet<string>,
): ReadonlyMap<string, readonly Reader[]> {
  const readers = new Map<string, Reader[]>();
  for (const step of shape.order.sequence) {
    const found = source.steps[step];
    if (found === undefined) continue;
    for (const [field, read] of fields.of(found).reads) {
      if (known.has(field) || field.startsWith('#')) continue;
      const others = readers.get(field);
      const reader = { step, name: found.name, read };
      if (others === undefined) readers.set(field, [reader]);
      else others.push(reader);
    }
  }
  return readers;
}

interface FieldFacts {
  readonly readers: readonly Reader[];
  readonly flow: FieldFlow;
  readonly known: ReadonlySet<string>;
  readonly context: ShapeContext;
}

function complainAbout(field: string, { readers, flow, known, context }: FieldFacts): Complaint[] {
  const setters = flow.settersOf(field);
  const { shape } = context;
  const isSure = shape.isWhole && setters.every((setter) => shape.order.rank.has(setter));
  if (setters.length > 0 && !isSure) return [];
  const reached = flow.reach(setters);
  const after = flow.after(setters);
  const typo =
    setters.length > 0
      ? undefined
      : didYouMean(
          field,
          candidates(context, known).filter((name) => name !== field),
        );
  return readers
    .filter(({ step }) => !reached.has(step) && !isInJoin(field, { step, flow, context }))
    .map(({ step, name, read: { place, method } }) => {
      const where = method === undefined ? '' : ` in ${method}()`;
      const start = `the step "${name}" reads this.${field}${where}, which`;
      return after.has(step)
        ? {
            code: 'unset-field',
            message: `${start} a join before it does not take over`,
            hint: 'set it in the join, or call this.mergeArtifacts(inputs) there',
            place,
          }
        : {
            code: 'unset-field',
            message: `${start} no step before it sets`,
            hint: typo ?? 'set it in a step before, or give the field an initial value',
            place,
          };
    });
}

/** What branches set and their join reads is a mistake of its own kind. */
function isInJoin(
  field: string,
  {
    step,
    flow,
    context,
  }: { readonly step: number; readonly flow: FieldFlow; readonly context: ShapeContext },
): boolean {
  const closes = context.shape.nodes.get(step)?.closes;
  return closes !== undefined && flow.setBetween(closes, step).has(field);
}

function candidates({ source, fields }: ShapeContext, known: ReadonlySet<string>): string[] {
  const set = source.steps.flatMap((step) => [...fields.of(step).sets]);
  const declared = source.definition.fields.map(({ name }) => name);
  return [...new Set([...known, ...set, ...declared])].filter(
    (name) =>
      !source.stepsByName.has(name) && !FLOW_MEMBERS.has(name) && !(name in Object.prototype),
  );
}
