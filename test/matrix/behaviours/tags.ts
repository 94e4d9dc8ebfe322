import { expect } from 'vitest';
import type { Behaviour } from '../behaviour.ts';
import { GIVEN, storeOf } from '../launch.ts';

/** A run is found by its tag, and not by another. */
export const tags: Behaviour = {
  name: 'tags',
  check: async ({ ran, ground }) => {
    expect(await ran.run.tags).toEqual([GIVEN.tag]);
    if (ground.caller !== 'cli') return;
    const find = async (tag: string) => {
      const args = ['runs', '--json', '--store', storeOf(ground), '--tag', tag];
      const found: { run: string; status: string }[] = JSON.parse(
        (await ground.rig.ok(args, { cwd: ground.dir })).stdout,
      );
      return found.map(({ run, status }) => [run, status]);
    };
    expect(await find(GIVEN.tag)).toEqual([[ran.id, 'succeeded']]);
    expect(await find('another')).toEqual([]);
  },
};
