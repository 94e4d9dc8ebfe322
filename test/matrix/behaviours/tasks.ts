import { expect } from 'vitest';
import type { Behaviour } from '../behaviour.ts';
import { storeOf } from '../launch.ts';
import type { Outing } from '../outing.ts';
import { isStream } from '../shape.ts';

/** Just the tasks of the graph run, each once, each after those that it follows from. */
export const tasks: Behaviour = {
  name: 'tasks and their order',
  check: async (outing) => {
    const { ran } = outing;
    expect(ran.code, ran.transcript).toBe(0);
    const endedAt = new Map<string, number>();
    const launchedAt = new Map<string, number>();
    for (const event of ran.events) {
      if (event.type === 'task.launched')
        launchedAt.set(`${event.step}/${event.position}`, event.seq);
      if (event.type === 'task.succeeded')
        endedAt.set(`${event.step}/${event.position}`, event.seq);
      expect(event.type).not.toBe('task.failed');
    }
    expect([...launchedAt.keys()].toSorted()).toEqual([...outing.tasks.keys()].toSorted());
    expect(endedAt.size).toBe(launchedAt.size);
    expect(ran.events.filter(({ type }) => type === 'task.launched')).toHaveLength(launchedAt.size);
    for (const { path, inputs } of outing.tasks.values()) {
      for (const input of inputs) {
        // Items of a stream start while their step still yields.
        if (outing.shape.steps.some((one) => isStream(one) && input.startsWith(`${one.name}/`))) {
          continue;
        }
        expect(endedAt.get(input), `${path} after ${input}`).toBeLessThan(
          launchedAt.get(path) ?? 0,
        );
      }
    }
    await checkReaders(outing);
  },
};

async function checkReaders(outing: Outing): Promise<void> {
  const { ran, ground } = outing;
  const steps = await ran.run.steps();
  const ranSteps = new Set([...outing.tasks.values()].map(({ step }) => step.name));
  expect(new Set(steps.map(({ name }) => name))).toEqual(ranSteps);
  for (const { path, step, position, inputs } of outing.tasks.values()) {
    const parents = await ran.run.task(step.name, position).parents();
    const paths = parents.map((parent) => `${parent.step}/${parent.position}`);
    expect(paths, `parents of ${path}`).toEqual(inputs);
  }
  if (ground.caller !== 'cli') return;
  const args = ['dump', `${ran.id}/end`, '--json', '--store', storeOf(ground)];
  const { stdout } = await ground.rig.ok(args, { cwd: ground.dir });
  const dumped: { artifacts: { chain: string } } = JSON.parse(stdout);
  expect(dumped.artifacts.chain).toBe(outing.expected('end/0', ['chain'])['chain']);
}
