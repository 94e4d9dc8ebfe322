import { cpSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** An installed package of the test's own: what it keeps beside the program is seen by nobody else. */
async function install(rig: FlowRig) {
  const home = join(rig.dir, 'installed');
  cpSync(join(ROOT, 'dist'), join(home, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('dist/cache'),
  });
  cpSync(join(ROOT, 'package.json'), join(home, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  const cache = join(home, 'dist/cache');
  return {
    cache,
    /** Each file with what a rewrite would change. */
    kept: () => readdirSync(cache).map((name) => [name, statSync(join(cache, name)).ino] as const),
    run: async (...args: string[]) => {
      const program = join(home, 'dist/cli/main.js');
      const finished = await rig.startNode([program, ...args]).finished;
      expect(finished.code, finished.stderr).toBe(0);
      return finished;
    },
  };
}

const FLOW = `
import { FlowSpec, step } from 'millrace';
export class Two extends FlowSpec {
  @step start() { this.next(this.end); }
  @step end() { console.log('argv', process.argv.length); }
}`;

describe('compiled code', () => {
  it('of the program and of its children is kept beside the program, and used by later ones', async () => {
    await using rig = await FlowRig.create();
    const { run, kept } = await install(rig);
    await rig.write('flow.ts', FLOW);
    await run('run', 'flow.ts');
    const first = kept();
    const programs = first.map(([name]) => name.split('-program-')[0]);
    expect(new Set(programs)).toEqual(new Set(['cli', 'worker']));
    const { stderr } = await run('run', 'flow.ts');
    expect(stderr).toContain('argv 2');
    expect(kept()).toEqual(first);
  });

  it('that this Node did not make is made anew', async () => {
    await using rig = await FlowRig.create();
    const { run, kept, cache } = await install(rig);
    await run('runs');
    const [name = ''] = kept().map(([file]) => file);
    writeFileSync(join(cache, name), 'something else');
    await run('runs');
    expect(kept().map(([file]) => file)).toEqual([name]);
    expect(statSync(join(cache, name)).size).toBeGreaterThan(10_000);
  });

  it('is done without where nothing can be written', async () => {
    await using rig = await FlowRig.create();
    const { run, cache } = await install(rig);
    rmSync(cache, { recursive: true, force: true });
    writeFileSync(cache, 'a file in its place');
    await rig.write('flow.ts', FLOW);
    await run('run', 'flow.ts');
  });
});
