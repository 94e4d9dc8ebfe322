import type { Behaviour } from '../behaviour.ts';
import { GIVEN } from '../launch.ts';
import { flowName } from '../shape.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

/** A task knows its flow, step, place and tags, from anywhere in its code. */
export const currentFacts: Behaviour = {
  name: 'current',
  fields: { facts: null },
  prelude: [
    'const lookAround = () => {',
    '  const { flowName, stepName, taskId, tags, runId, pathspec, signal } = current;',
    "  const isPlaced = pathspec === [flowName, runId, stepName, taskId].join('/');",
    '  return { flowName, stepName, taskId, tags, isPlaced, isAborted: signal.aborted };',
    '};',
  ].join('\n'),
  code: () => ['this.facts = lookAround();'],
  effect: (table, { step, position }, shape) =>
    table.set('facts', {
      flowName: flowName(shape),
      stepName: step.name,
      taskId: position,
      tags: [GIVEN.tag],
      isPlaced: true,
      isAborted: false,
    }),
  check: (outing) => expectFieldsOfAll(outing, ['facts']),
};
