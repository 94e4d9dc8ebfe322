import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

const fanned = (items: string, work = 'this.twice = item * 2') => `
  import { FlowSpec, step, type Inputs } from 'millrace';
  export class Fanned extends FlowSpec {
    twice = 0;
    all: number[] = [];
    @step start() { this.next(this.work, { foreach: ${items} }); }
    @step work(item: number) { ${work}; this.next(this.join); }
    @step join(inputs: Inputs<Fanned>) { this.all = inputs.map((one) => one.twice); this.next(this.end); }
    @step end() {}
  }`;

function cloned({ events }: Finished): string[] {
  return events
    .flatMap((event) => (event.type === 'task.cloned' ? [`${event.step}/${event.position}`] : []))
    .toSorted();
}

interface Foreseen {
  readonly tasks: readonly { readonly task: string; readonly fate: string }[];
  readonly changed: readonly string[];
}

async function foreseen(rig: FlowRig): Promise<Foreseen> {
  const args = ['resume', 'flow.ts', '--origin-run-id', 'latest', '--dry-run', '--json'];
  const parsed: Foreseen = JSON.parse((await rig.ok(args)).stdout);
  return parsed;
}

describe('a resume with changed code', () => {
  it('lists the steps whose source changed, and runs none of them for that alone', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', fanned('[1, 2]'));
    await rig.ok(['run', 'flow.ts']);
    expect((await foreseen(rig)).changed).toEqual([]);
    await rig.write('flow.ts', `// A comment outside.\n${fanned('[1, 2]')}`);
    expect((await foreseen(rig)).changed).toEqual([]);
    await rig.write('flow.ts', fanned('[1, 2]', 'this.twice = item + item'));
    const { tasks, changed } = await foreseen(rig);
    expect(changed).toEqual(['work']);
    expect(new Set(tasks.map(({ fate }) => fate))).toEqual(new Set(['clone']));
    const args = ['resume', 'flow.ts', '--origin-run-id', 'latest', '--dry-run'];
    expect((await rig.ok(args)).stdout).toContain('changed since that run: work');
  });

  it('takes over the items that a wider foreach had before, and runs the new ones and the join', async () => {
    await using rig = await FlowRig.create();
    const flow = (prepare: string, first: string) => `
      import { FlowSpec, step, type Inputs } from 'millrace';
      export class Wide extends FlowSpec {
        count?: number;
        twice = 0;
        all: number[] = [];
        @step start() { this.next(this.${first}); }
        ${prepare}
        @step split() {
          const count = this.count ?? 2;
          delete this.count;
          this.next(this.work, { foreach: Array.from({ length: count }, (_, n) => n) });
        }
        @step work(item: number) { this.twice = item * 2; this.next(this.join); }
        @step join(inputs: Inputs<Wide>) { this.all = inputs.map((one) => one.twice); this.next(this.end); }
        @step end() {}
      }`;
    await rig.write('flow.ts', flow('', 'split'));
    await rig.ok(['run', 'flow.ts']);
    const prepare = `@step prepare() { this.count = 4; this.next(this.split); }`;
    await rig.write('flow.ts', flow(prepare, 'prepare'));
    const resumed = await rig.flow(['resume', 'flow.ts', '--origin-run-id', 'latest', '--json']);
    expect(resumed.code).toBe(0);
    expect(cloned(resumed)).toEqual(['work/0', 'work/1']);
    expect((await rig.artifacts('latest/join'))['all']).toEqual([0, 2, 4, 6]);
  });
});

describe('a run that another host holds', () => {
  it('is resumed only with --steal', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      fanned('[1, 2]', `if (item === 2) process.kill(process.ppid, 'SIGKILL')`),
    );
    const dead = await rig.run(['flow.ts', '--max-workers', '1']);
    expect(dead.signal).toBe('SIGKILL');
    const run = dead.events[0]?.run ?? '';
    const lock = join(rig.store, 'flows/Fanned', run, 'lock.json');
    const held: object = JSON.parse(await readFile(lock, 'utf8'));
    await writeFile(lock, JSON.stringify({ ...held, host: 'elsewhere' }));
    await rig.write('flow.ts', fanned('[1, 2]'));
    const refused = await rig.flow(['resume', 'flow.ts']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('held by elsewhere');
    expect(refused.stderr).toContain('--steal');
    const stolen = await rig.flow(['resume', 'flow.ts', '--steal', '--json']);
    expect(stolen.code).toBe(0);
    expect(cloned(stolen)).toEqual(['start/0', 'work/0']);
    expect((await rig.artifacts('latest/join'))['all']).toEqual([0, 4]);
  });
});
