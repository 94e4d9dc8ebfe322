import { expect } from 'vitest';
import type { Behaviour } from '../behaviour.ts';
import { storeOf } from '../launch.ts';
import type { Outing } from '../outing.ts';

/** What a task prints is kept under its name, each stream by itself, to the last byte. */
export const logs: Behaviour = {
  name: 'logs',
  // The console of this very process is the test runner's.
  code: (_step, { isInline }) => [
    ...(isInline === true
      ? [
          'process.stdout.write(`out ${here} ünïcödé 🌍\\n`);',
          'process.stderr.write(`err ${here}\\n`);',
        ]
      : ['console.log(`out ${here} ünïcödé 🌍`);', 'console.error(`err ${here}`);']),
    "process.stdout.write('no newline');",
  ],
  check: async (outing) => {
    const { run } = outing.ran;
    for (const { path, step, position } of outing.tasks.values()) {
      const task = run.task(step.name, position);
      expect(await task.stdout, path).toBe(`out ${path} ünïcödé 🌍\nno newline`);
      expect(await task.stderr, path).toBe(`err ${path}\n`);
    }
    if (outing.ground.caller === 'cli') await checkCommand(outing);
  },
};

async function checkCommand({ ground, ran, tasks }: Outing): Promise<void> {
  const args = ['logs', ran.id, '--stderr', '--store', storeOf(ground)];
  const { stdout } = await ground.rig.ok(args, { cwd: ground.dir });
  const expected = [...tasks.keys()].map((path) => `err ${path}`);
  const printed = stdout.trim().split('\n');
  expect(printed.map((line) => line.slice(line.indexOf('err '))).toSorted()).toEqual(
    expected.toSorted(),
  );
}
