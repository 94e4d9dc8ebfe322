import { expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';
import {
  type CrashPoint,
  checkAftermath,
  crashFlow,
  type Disturbance,
  disturbed,
  goOn,
  sameEnd,
  undisturbed,
} from './crash-rig.ts';
import { inLanes } from './lanes.ts';

/** Pooled, because a point then costs two commands and hardly more. */
const RUN = ['run', 'flow.ts', '--max-workers', '1', '--isolation', 'pooled'];

it('the scheduler of 30 tasks can be killed before and after every change that it makes on the disk', async () => {
  await killAtEveryPoint('scheduler', 27, (finished) => finished.signal === 'SIGKILL');
});

it('a task can be killed before and after every change that it makes on the disk', async () => {
  await killAtEveryPoint('task', 3, ({ stderr }) => stderr.includes('ended by SIGKILL'));
});

type Finished = Awaited<ReturnType<FlowRig['flow']>>;

async function killAtEveryPoint(
  role: Disturbance['role'],
  width: number,
  wasKilled: (finished: Finished) => boolean,
): Promise<void> {
  const reference = await undisturbed({ width, role, run: RUN });
  const { points, changes } = reference;
  let killed = 0;
  const kill = async (point: CrashPoint): Promise<void> => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', crashFlow(width));
    const finished = await rig.flow(RUN, { env: disturbed(rig, { role, ...point }) });
    if (wasKilled(finished)) killed += 1;
    await rig.emptied();
    await goOn(rig, RUN);
    const chain = await checkAftermath(rig);
    expect(sameEnd(chain, reference), `${point.when} change ${point.at}`).toBe(true);
  };
  await inLanes(points.length, async (number) => {
    const point = points[number];
    if (point !== undefined) await kill(point);
  });
  process.stdout.write(
    `${role}, ${3 + width} tasks: ${changes} changes, ${points.length} crash points, ${killed} of them reached\n`,
  );
  expect(killed).toBeGreaterThan(points.length * 0.9);
}
