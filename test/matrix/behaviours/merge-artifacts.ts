import type { Behaviour } from '../behaviour.ts';
import { isJoin } from '../rider.ts';
import type { Shape, ShapeStep } from '../shape.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

const own = (step: string): string => `only_${step}`;

const fieldsOf = (shape: Shape): readonly string[] => [
  'common',
  'clash',
  'conflicts',
  'wanders',
  'refused',
  ...shape.steps.map(({ name }) => own(name)),
];

/** A value that comes back to what it was has not changed, for the join that looks at it. */
const wandering = (step: ShapeStep, { steps }: Shape): string =>
  steps.indexOf(step) % 2 === 1 ? 'away' : 'home';

/**
 * Joins take what their inputs agree on, are told of everything on which they do not, and have got
 * nothing then. It comes last in a step: what the others have assigned stays as it is.
 */
export const mergeArtifacts: Behaviour = {
  name: 'mergeArtifacts',
  fields: { common: '', clash: '', conflicts: [], wanders: 'home', refused: '' },
  code: (step, shape) =>
    isJoin(step)
      ? [
          'this.conflicts = [];',
          "this.refused = '';",
          'try {',
          '  this.mergeArtifacts(inputs);',
          '} catch (error: any) {',
          '  this.conflicts = [...error.message.matchAll(/"(\\w+)" \\(/g)].map((found) => found[1]).sort();',
          '  this.mergeArtifacts(inputs, { exclude: this.conflicts });',
          '}',
        ]
      : [
          `this.${own(step.name)} = here;`,
          ...(step.name === 'start' ? [] : ["this.common = 'the same';"]),
          `this.wanders = '${wandering(step, shape)}';`,
          'this.clash = here;',
          'try {',
          '  this.mergeArtifacts([]);',
          '} catch (error: any) {',
          '  this.refused = error.code;',
          '}',
        ],
  effect: (table, { step, path }, shape) => {
    if (isJoin(step)) {
      table.set('conflicts', []);
      table.set('refused', '');
      table.set('conflicts', table.merge());
      return;
    }
    table.set(own(step.name), path);
    if (step.name !== 'start') table.set('common', 'the same');
    table.set('wanders', wandering(step, shape));
    table.set('clash', path);
    table.set('refused', 'MERGE_OUTSIDE_JOIN');
  },
  check: (outing) => expectFieldsOfAll(outing, fieldsOf(outing.shape)),
};
