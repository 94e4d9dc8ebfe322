import { describe, expect, it } from 'vitest';
import type { FlowEvent } from '../../src/model/events.ts';
import { FlowRig } from '../rig/flow-rig.ts';

/**
 * Five items of `work` beside one `alone`. Who waits for others ends only when so many tasks have
 * begun: what can run together does, however slow the machine is.
 */
const flow = (decorator: string, { together = 1, alone = '' } = {}): string => `
import { FlowSpec, limit, resources, step, type Inputs } from 'millrace';
import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
async function meet(name: string) {
  writeFileSync('begun-' + name, '');
  while (readdirSync('.').filter((file) => file.startsWith('begun-')).length < ${together}) await pause(5);
  await pause(30);
}
export class Busy extends FlowSpec {
  items = [0, 1, 2, 3, 4];
  @step start() { this.next(this.fan, this.alone); }
  @step fan() { this.next(this.work, { foreach: this.items }); }
  ${decorator} @step async work(n: number) { await meet('work' + n); this.next(this.close); }
  @step close(inputs: Inputs<Busy>) { this.next(this.join); }
  ${alone} @step async alone() { await meet('alone'); this.next(this.join); }
  @step join(inputs: Inputs<Busy>) { this.next(this.end); }
  @step end() {}
}`;

/** The most tasks of these steps that were under way at one moment, by the journal. */
function most(events: readonly FlowEvent[], ...steps: readonly string[]): number {
  let running = 0;
  let highest = 0;
  for (const event of events) {
    if (!('step' in event) || !steps.includes(event.step)) continue;
    running += event.type === 'task.launched' ? 1 : -1;
    highest = Math.max(highest, running);
  }
  return highest;
}

async function overlap(source: string, ...options: string[]): Promise<readonly FlowEvent[]> {
  await using rig = await FlowRig.create();
  await rig.write('flow.ts', source);
  const { code, events, stderr } = await rig.run(['flow.ts', ...options]);
  expect(code, stderr).toBe(0);
  return events;
}

describe('a run', () => {
  it('counts a task with cpu: 2 twice', async () => {
    const events = await overlap(
      flow('@resources({ cpu: 2 })', { together: 2 }),
      '--max-workers',
      '3',
    );
    expect(most(events, 'work')).toBe(1);
    expect(most(events, 'work', 'alone')).toBe(2);
  });

  it('gives tasks that wait for disk or network slots of their own', async () => {
    const events = await overlap(
      flow(`@resources({ hint: 'io' })`, { together: 4 }),
      '--max-workers',
      '1',
      '--max-io',
      '3',
    );
    expect(most(events, 'work')).toBe(3);
    expect(most(events, 'work', 'alone')).toBe(4);
  });

  it('holds tasks to the memory that it may use', async () => {
    const events = await overlap(
      flow(`@resources({ memory: '400 MB' })`, { together: 3 }),
      '--max-workers',
      '4',
      '--max-memory',
      '900MB',
    );
    expect(most(events, 'work')).toBe(2);
  });

  it('holds tasks to its GPUs', async () => {
    const source = flow('@resources({ gpu: 1 })');
    const events = await overlap(source, '--max-workers', '4', '--max-gpu', '1');
    expect(most(events, 'work')).toBe(1);
  });

  it('keeps a step within its own limit, and steps within a shared one', async () => {
    const own = await overlap(flow('@limit(2)', { together: 3 }), '--max-workers', '4');
    expect(most(own, 'work')).toBe(2);
    const shared = await overlap(
      flow(`@limit('api', 1)`, { alone: `@limit('api', 1)` }),
      '--max-workers',
      '4',
    );
    expect(most(shared, 'work', 'alone')).toBe(1);
    const added = await overlap(flow(''), '--max-workers', '4', '--with', 'limit:all=1');
    expect(most(added, 'work', 'alone', 'fan')).toBe(1);
  });

  it('says how long each attempt waited', async () => {
    const events = await overlap(flow('@limit(1)'), '--max-workers', '4');
    const waits = events.flatMap((event) =>
      event.type === 'task.succeeded' && event.step === 'work' ? [event.usage?.queuedMs ?? 0] : [],
    );
    expect(Math.max(...waits)).toBeGreaterThan(100);
  });
});

describe('what could never start', () => {
  it.each([
    ['@resources({ cpu: 8 })', '--max-workers=2', /"work" needs 8 CPU slots.*--max-workers/s],
    [`@resources({ memory: '2 GB' })`, '--max-memory=1GB', /needs 2 GB.*--max-memory/s],
    ['@resources({ gpu: 4 })', '--max-gpu=2', /needs 4 GPUs.*--max-gpu/s],
    [`@limit('api', 2)`, '--with=limit:api=3', /the limit "api" is 3.*same count/s],
  ])('is refused before the run: %s', async (decorator, option, problem) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(decorator));
    const { code, stderr } = await rig.flow(['run', 'flow.ts', option]);
    expect(code).toBe(2);
    expect(stderr).toMatch(problem);
    expect((await rig.ok(['runs', '--json'])).stdout.trim()).toBe('[]');
  });

  it('is found by lint where two steps disagree', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow(`@limit('api', 2)`, { alone: `@limit('api', 3)` }));
    const { code, stderr, stdout } = await rig.flow(['check', 'flow.ts']);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('the limit "api" is 2 in the step "work" and 3 in "alone"');
  });
});
