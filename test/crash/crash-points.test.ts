import { expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';
import { checkAftermath, crashFlow, disturbed, goOn, sameEnd, undisturbed } from './crash-rig.ts';
import { inLanes } from './lanes.ts';

const WIDTH = 3;
const RUN = ['run', 'flow.ts', '--max-workers', '1'];

it('can be killed before and after every change on the disk that a run makes', async () => {
  const reference = await undisturbed({ width: WIDTH, role: 'scheduler', run: RUN });
  expect(reference.changes).toBeGreaterThan(30);
  const points = Array.from({ length: reference.changes }, (_, n) => n + 1).flatMap((at) => [
    { at, when: 'before' } as const,
    { at, when: 'after' } as const,
  ]);
  let killed = 0;
  await inLanes(points.length, async (number) => {
    const point = points[number];
    if (point === undefined) return;
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', crashFlow(WIDTH));
    const { signal } = await rig.flow(RUN, {
      env: disturbed(rig, { role: 'scheduler', ...point }),
    });
    if (signal === 'SIGKILL') killed += 1;
    await rig.emptied();
    await goOn(rig, RUN);
    const chain = await checkAftermath(rig);
    expect(sameEnd(chain, reference), `${point.when} change ${point.at}`).toBe(true);
  });
  process.stdout.write(`${points.length} crash points, ${killed} of them reached\n`);
  expect(killed).toBeGreaterThan(points.length * 0.9);
});
