import { expect, it } from 'vitest';
import { openClient } from '../../src/client/client.ts';
import { FlowRig } from '../rig/flow-rig.ts';
import { checkAftermath, crashFlow, disturbed, goOn, sameEnd, undisturbed } from './crash-rig.ts';
import { inLanes } from './lanes.ts';

const WIDTH = 2;
const RUN = ['run', 'flow.ts', '--max-workers', '1', '--isolation', 'pooled'];

it('the disk may be full from any change on: one sentence, and the run can be resumed', async () => {
  const reference = await undisturbed({ width: WIDTH, role: 'scheduler', run: RUN });
  expect(reference.changes).toBeGreaterThan(30);
  await inLanes(reference.changes, async (number) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', crashFlow(WIDTH));
    const env = disturbed(rig, { role: 'scheduler', at: number + 1, fail: 'ENOSPC' });
    const { code, stderr } = await rig.flow(RUN, { env });
    const told = `full at change ${number + 1}:\n${stderr}`;
    // The last changes only save time for later readers.
    if (code !== 0) {
      expect([1, 2], told).toContain(code);
      expect(stderr.match(/^error: .*$/gm), told).toHaveLength(1);
      expect(stderr, told).toMatch(/cannot be (written|made)/);
      expect(stderr, told).not.toMatch(/bug|^ +at /m);
    }
    if (code === 2) {
      const runs = await openClient(rig.store).runs();
      return expect(runs.filter(({ hasBegun }) => hasBegun)).toEqual([]);
    }
    await goOn(rig, RUN);
    expect(sameEnd(await checkAftermath(rig), reference), told).toBe(true);
  });
});

it('a disk that is full for a task fails the task with its sentence, and the run can be resumed', async () => {
  const reference = await undisturbed({ width: WIDTH, role: 'task', run: RUN });
  for (let at = 1; at <= 4; at += 1) {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', crashFlow(WIDTH));
    const env = disturbed(rig, { role: 'task', at, fail: 'ENOSPC' });
    const { code, stderr } = await rig.flow(RUN, { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/start\/0 failed: .*no space is left on the disk/);
    await goOn(rig, RUN);
    expect(sameEnd(await checkAftermath(rig), reference)).toBe(true);
  }
});
