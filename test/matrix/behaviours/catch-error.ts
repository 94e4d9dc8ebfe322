import { expect } from 'vitest';
import type { Behaviour } from '../behaviour.ts';
import type { ExpectedTask } from '../expected-run.ts';
import { expectRun } from '../expected-run.ts';
import type { Shape, ShapeStep } from '../shape.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

const TIMEOUT_MS = 250;
type Fault = 'exit' | 'exception' | 'timeout' | 'none';

/**
 * Of the steps that run and have one way on: the first crashes, the second throws, the third works,
 * and so on. `end`, which every flow has, is too slow.
 */
export function caughtFault(step: ShapeStep, shape: Shape): Fault {
  if (step.name === 'end') return 'timeout';
  const ran = new Set([...expectRun(shape).values()].map((task) => task.step.name));
  const one = shape.steps.filter(({ name, way }) => way.kind === 'next' && ran.has(name));
  const faults = ['exit', 'exception', 'none'] as const;
  const fault = faults[one.indexOf(step) % faults.length] ?? 'none';
  return fault === 'exit' && shape.isInline === true ? 'exception' : fault;
}

const codeOf = ({ isInline }: Shape): { readonly [fault in Fault]: readonly string[] } => ({
  exit: ['process.exit(3);'],
  exception: ['throw new RangeError(`too bad: ${here}`);'],
  // Where nobody can be ended by force it listens.
  timeout: [
    'await new Promise<void>((done) => {',
    '  const timer = setTimeout(done, 600_000);',
    ...(isInline === true
      ? ["  current.signal.addEventListener('abort', () => { clearTimeout(timer); done(); });"]
      : []),
    '});',
  ],
  none: [],
});

function problemOf({ step, path }: ExpectedTask, shape: Shape): unknown {
  const fault = caughtFault(step, shape);
  if (fault === 'exit') return { kind: 'exit', code: 3 };
  if (fault === 'timeout') return { kind: 'timeout', afterMs: TIMEOUT_MS };
  return { kind: 'user-error', name: 'RangeError', message: `too bad: ${path}` };
}

const isTimeout = (step: ShapeStep, shape: Shape): boolean =>
  caughtFault(step, shape) === 'timeout';

/** A caught task leaves what it was given, and its failure; the flow goes on. */
export const catchError: Behaviour = {
  name: 'catchError',
  imports: ['catchError', 'timeout'],
  fields: { problem: null },
  decorators: (step, shape) => [
    ...(caughtFault(step, shape) === 'none' ? [] : ["@catchError('problem')"]),
    ...(isTimeout(step, shape) ? [`@timeout('${TIMEOUT_MS}ms')`] : []),
  ],
  code: (step, shape) => codeOf(shape)[caughtFault(step, shape)],
  isCaught: ({ step }, shape) => caughtFault(step, shape) !== 'none',
  effect: (table, task, shape) => {
    if (caughtFault(task.step, shape) !== 'none') table.set('problem', problemOf(task, shape));
  },
  check: async (outing) => {
    const names = outing.names.filter((name) => name !== 'problem');
    await expectFieldsOfAll(outing, names);
    for (const path of outing.tasks.keys()) {
      const { problem } = outing.expected(path, ['problem']);
      const left = await outing.left(path, ['problem']);
      const expected =
        problem === undefined || problem === null ? problem : expect.objectContaining(problem);
      expect(left['problem'], path).toEqual(expected);
    }
  },
};

/** The parent ends what takes too long; that counts as a failure like any other. */
export const timeout: Behaviour = {
  name: 'timeout',
  check: ({ ran, shape }) => {
    const failed = ran.events.filter((event) => event.type === 'task.failed');
    const slow = failed.filter(({ failure }) => failure.kind === 'timeout');
    expect(slow.map(({ step, attempt }) => [step, attempt])).toEqual(
      shape.steps.filter((step) => isTimeout(step, shape)).map(({ name }) => [name, 1]),
    );
    for (const { at, step, then } of slow) {
      const launched = ran.events.find(
        (event) => event.type === 'task.launched' && event.step === step,
      );
      expect(at - (launched?.at ?? 0)).toBeGreaterThanOrEqual(TIMEOUT_MS - 1);
      expect(then.kind).toBe('catch');
    }
  },
};
