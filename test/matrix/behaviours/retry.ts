import { expect } from 'vitest';
import type { Behaviour } from '../behaviour.ts';
import type { ExpectedTask } from '../expected-run.ts';
import type { Outing } from '../outing.ts';
import { inGang, type Shape, type ShapeStep } from '../shape.ts';
import { expectFieldsOfAll } from './expect-fields.ts';

type Fault = 'exception' | 'exit' | 'signal';

/** Each step's first attempt ends in another way. */
function faultOf(step: ShapeStep, shape: Shape): Fault {
  if (shape.isInline === true) return 'exception';
  const faults = ['exception', 'exit', 'signal'] as const;
  return faults[shape.steps.indexOf(step) % faults.length] ?? 'exception';
}

const CODE: { readonly [fault in Fault]: string } = {
  exception: 'throw new RangeError(`not yet: ${here}`);',
  exit: 'process.exit(3);',
  signal: "process.kill(process.pid, 'SIGKILL');",
};

/** Every step fails after it has done all its work, and does it again from its inputs. */
export const retry: Behaviour = {
  name: 'retry from the inputs',
  imports: ['retry'],
  fields: { tried: 0, told: '' },
  decorators: () => ["@retry({ times: 1, backoff: { initial: '1ms' } })"],
  code: (step, shape) => [
    'this.tried = current.attempt;',
    'this.told = `${here} ${current.attempt}`;',
    'if (current.attempt === 1) {',
    `  ${CODE[faultOf(step, shape)]}`,
    '}',
  ],
  effect: (table, { path }) => {
    table.set('tried', 2);
    table.set('told', `${path} 2`);
  },
  check: (outing) => expectFieldsOfAll(outing, outing.names),
};

export const attempts: Behaviour = {
  name: 'attempts after exceptions and crashes',
  check: async (outing) => {
    for (const task of outing.tasks.values()) await checkAttempts(outing, task);
  },
};

async function checkAttempts(
  outing: Outing,
  { path, step, position }: ExpectedTask,
): Promise<void> {
  const seen = await outing.ran.run.task(step.name, position).attempts;
  expect(seen, path).toHaveLength(2);
  const events = outing.ran.events.filter(
    (event) =>
      event.type.startsWith('task.') &&
      'position' in event &&
      `${event.step}/${event.position}` === path,
  );
  expect(
    events.map((event) => ('attempt' in event ? [event.type, event.attempt] : [])),
    path,
  ).toEqual([
    ['task.launched', 1],
    ['task.failed', 1],
    ['task.launched', 2],
    ['task.succeeded', 2],
  ]);
  const failed = events.find((event) => event.type === 'task.failed');
  const failures = {
    exception: { kind: 'user-error', name: 'RangeError', message: `not yet: ${path}` },
    exit: { kind: 'exit', code: 3 },
    signal: { kind: 'signal', signal: 'SIGKILL' },
  };
  const fault = faultOf(step, outing.shape);
  // The first of a gang that fails ends the others.
  if (inGang(step, outing.shape) && failed?.type === 'task.failed' && isEnded(failed)) return;
  expect(failed, path).toMatchObject({ failure: failures[fault], then: { kind: 'retry' } });
  // What an attempt had set before its exception stays readable on it.
  const changed = failed?.type === 'task.failed' ? Object.keys(failed.changes) : [];
  if (fault === 'exception')
    expect(changed, path).toEqual(expect.arrayContaining(['tried', 'told']));
}

const isEnded = ({ failure }: { readonly failure: { readonly kind: string } }): boolean =>
  failure.kind === 'cancelled';
