import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** Goes round until `rounds` are made. */
const loop = (rounds: number) => `
  import { FlowSpec, step } from 'millrace';
  export class Rounds extends FlowSpec {
    made = 0;
    isDone = false;
    @step start() { this.next(this.turn); }
    @step turn() { this.made += 1; this.next(this.look); }
    @step look() {
      this.isDone = this.made === ${rounds};
      this.next({ false: this.turn, true: this.end }, { condition: this.isDone });
    }
    @step end() {}
  }`;

describe('--max-iterations', () => {
  it('lets a loop make that many rounds, and no more', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', loop(3));
    const enough = await rig.run(['flow.ts', '--max-iterations', '3']);
    expect(enough.code).toBe(0);
    expect(enough.events[0]).toMatchObject({ options: { maxIterations: 3 } });
    expect((await rig.artifacts('latest/end'))['made']).toBe(3);

    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--max-iterations', '2']);
    expect(code).toBe(1);
    expect(stderr).toContain('the loop from "look" back to "turn" has made 2 rounds');
    expect(stderr).toContain('raise the limit with --max-iterations');
    expect(stderr).toContain('look/r1');
  });

  it('holds for a resume, which goes on where the loop was stopped', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', loop(4));
    expect((await rig.run(['flow.ts', '--max-iterations', '2'])).code).toBe(1);
    const short = await rig.flow(['resume', 'flow.ts', '--json', '--max-iterations', '3']);
    expect(short.code).toBe(1);
    const whole = await rig.flow(['resume', 'flow.ts', '--json', '--max-iterations', '4']);
    expect(whole.code).toBe(0);
    const cloned = whole.events.filter((event) => event.type === 'task.cloned');
    expect(cloned.map(({ step, position }) => `${step}/${position}`)).toEqual([
      'start/0',
      'turn/r0',
      'look/r0',
      'turn/r1',
      'look/r1',
      'turn/r2',
    ]);
    const { stdout } = await rig.ok([
      'resume',
      'flow.ts',
      '--origin-run-id',
      'latest',
      '--max-iterations',
      '2',
      '--dry-run',
    ]);
    expect(stdout).toMatch(/run +look\/r1 .*--max-iterations/);
  });

  it.each(['0', '-1', 'many', '2.5'])('refuses %s, and starts nothing', async (count) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', loop(1));
    const { code, stderr } = await rig.flow(['run', 'flow.ts', `--max-iterations=${count}`]);
    expect(code).toBe(2);
    expect(stderr).toContain(`--max-iterations cannot be "${count}"`);
    expect((await rig.ok(['runs', '--json'])).stdout).toBe('[]\n');
  });
});
