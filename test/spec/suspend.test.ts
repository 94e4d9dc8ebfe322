import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** Ticks into a file for 600 ms of its own time. */
const TICKING = `import { FlowSpec, step, timeout } from 'millrace';
import { appendFileSync } from 'node:fs';
export class Ticking extends FlowSpec {
  @timeout('1500ms')
  @step async start() {
    for (let tick = 0; tick < 30; tick++) {
      appendFileSync('ticks', '.');
      await new Promise((go) => setTimeout(go, 20));
    }
    this.next(this.end);
  }
  @step end() {}
}`;

describe('a suspended run', () => {
  it('stands still with all its tasks, and goes on where it was: no timeout passes meanwhile', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', TICKING);
    const ticks = (): number => {
      try {
        return readFileSync(join(rig.dir, 'ticks')).length;
      } catch {
        return 0;
      }
    };
    const run = rig.start(['run', 'flow.ts']);
    await rig.until(() => ticks() > 2);
    run.kill('SIGTSTP');
    await rig.until(() => stateOf(run.pid) === 'T');
    const stoodAt = ticks();
    // Longer than the timeout: it is time itself that must not count.
    await delay(2_000);
    expect(ticks()).toBe(stoodAt);
    run.kill('SIGCONT');
    expect((await run.finished).code).toBe(0);
    expect(ticks()).toBe(30);
  });

  it('dies with its tasks, when it is killed', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', TICKING.replace('tick < 30', 'tick < 30_000'));
    const run = rig.start(['run', 'flow.ts', '--json']);
    await run.waitForEvent('task.launched');
    run.kill('SIGTSTP');
    await rig.until(() => stateOf(run.pid) === 'T');
    run.kill('SIGKILL');
    expect(await rig.emptied()).toBeLessThan(1_000);
  });
});

/** `T`: stopped by a signal. */
function stateOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2)[0];
}
