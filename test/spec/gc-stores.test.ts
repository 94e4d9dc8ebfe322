import { readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';
import { RandomStore, storeAction } from '../rig/random-store.ts';

describe('garbage collection in any store', () => {
  it('removes nothing that a run can reach, and all else once it is a day old', async () => {
    const stores = fc.asyncProperty(
      fc.array(storeAction, { minLength: 5, maxLength: 40 }),
      async (actions) => {
        const store = new RandomStore();
        try {
          for (const action of actions) {
            await store.perform(action);
            if (action.kind.startsWith('gc')) await store.requireAll();
          }
          await store.perform({ kind: 'age' });
          await store.perform({ kind: 'gc' });
          await store.requireAll();
          expect(store.unneeded()).toEqual([]);
        } finally {
          await store.remove();
        }
      },
    );
    await fc.assert(stores, { numRuns: 100 });
  });
});

/** Its last task waits for the first collection: all before it may be done sooner than that begins. */
const MANY = `
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { FlowSpec, step, type Inputs } from 'millrace';
export class Many extends FlowSpec {
  text = '';
  all: string[] = [];
  @step start() { this.next(this.work, { foreach: Array.from({ length: 60 }, (_, index) => index) }); }
  @step async work(item: number) {
    while (item === 59 && !existsSync('collected')) await pause(5);
    this.text = String(item).padEnd(9_000, '.');
    this.next(this.join);
  }
  @step join(inputs: Inputs<Many>) { this.all = inputs.map(({ text }) => text); this.next(this.end); }
  @step end() {}
}`;

describe('flow gc, again and again beside a run', () => {
  it('takes nothing that the run writes, though all of it was garbage when the run began', async () => {
    await using rig = await FlowRig.create();
    await rig.write('many.ts', MANY);
    await rig.write('collected', '');
    await rig.ok(['run', 'many.ts', '--isolation', 'pooled']);
    rmSync(join(rig.dir, 'collected'));
    await rig.ok(['delete', 'latest']);
    for (const path of filesIn(join(rig.store, 'blobs'))) utimesSync(path, 0, 0);
    const running = rig.start(['run', 'many.ts', '--json', '--isolation', 'pooled']);
    await running.waitForEvent('run.started');
    let removed = 0;
    let collections = 0;
    for (; !running.ended; collections += 1) {
      const { stdout } = await rig.ok(['gc', '--json']);
      removed += JSON.parse(stdout).blobs;
      await rig.write('collected', '');
    }
    expect((await running.finished).code).toBe(0);
    expect(collections).toBeGreaterThan(0);
    expect(removed).toBeGreaterThan(0);
    expect(JSON.parse((await rig.ok(['fsck', '--json'])).stdout).ok).toBe(true);
    const { all } = await rig.artifacts('latest/end');
    expect(all).toEqual(Array.from({ length: 60 }, (_, index) => String(index).padEnd(9_000, '.')));
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
