import { expect } from 'vitest';
import type { Behaviour } from '../behaviour.ts';
import { expectFields } from '../expected-fields.ts';
import { type Ending, expectRun, splitPath } from '../expected-run.ts';
import { fansOut, type Shape, type ShapeStep } from '../shape.ts';

/** Loops are left by their last case. */
const lastCase = ({ way }: ShapeStep): string =>
  way.kind === 'switch' ? (Object.keys(way.cases).at(-1) ?? '') : '';

const isChoice = ({ way }: ShapeStep): boolean => way.kind === 'switch' || fansOut(way);

export const hasChoice = ({ steps }: Shape): boolean => steps.some(isChoice);

/** Where the text of a failed step leaves a choice, its decorator has made it. */
export const catchWaysOn: Behaviour = {
  name: 'catchError on a switch or a foreach',
  imports: ['catchError'],
  fields: { problem: null },
  decorators: (step, shape) => {
    // Where no step has a choice to make, the first one makes it all the same: that is refused.
    if (!hasChoice(shape) && step.name === 'start')
      return ["@catchError('problem', { take: 'a' })"];
    if (!isChoice(step)) return [];
    const option = step.way.kind === 'switch' ? `take: '${lastCase(step)}'` : 'items: []';
    return [`@catchError('problem', { ${option} })`];
  },
  code: (step) => (isChoice(step) ? ['throw new Error(`no choice: ${here}`);'] : []),
  isCaught: ({ step }) => isChoice(step),
  effect: (table, { step, path }) => {
    if (isChoice(step)) table.set('problem', `no choice: ${path}`);
  },
  check: async (outing) => {
    const { shape, ran, riders } = outing;
    const tasks = expectRun(shape, (path): Ending | undefined => {
      const step = shape.steps.find(({ name }) => name === splitPath(path)[0]);
      return step !== undefined && isChoice(step)
        ? { kind: 'takes', way: lastCase(step) }
        : undefined;
    });
    expect(ran.code, ran.transcript).toBe(0);
    const launched = ran.events.filter((event) => event.type === 'task.launched');
    expect(launched.map(({ step, position }) => `${step}/${position}`).toSorted()).toEqual(
      [...tasks.keys()].toSorted(),
    );
    const fields = expectFields(shape, tasks, riders);
    for (const path of tasks.keys()) {
      const left = await outing.left(path, outing.names);
      const problem: unknown = left['problem'];
      const told = { ...left, ...(isFailure(problem) ? { problem: problem.message } : {}) };
      expect(told, path).toStrictEqual(Object.fromEntries(fields.get(path) ?? []));
    }
  },
};

function isFailure(value: unknown): value is { message: string } {
  return typeof value === 'object' && value !== null && 'message' in value;
}
