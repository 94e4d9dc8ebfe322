import { chmodSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** A temporary folder of the test's own: what is kept there is seen by nobody else. */
async function inOwnFolder(rig: FlowRig) {
  const temporary = join(rig.dir, 'tmp');
  const cache = join(temporary, `millrace-compiled-${process.getuid?.()}`);
  mkdirSync(temporary);
  await rig.write('flow.ts', FLOW);
  return {
    cache,
    /** Each file, with what a rewrite would change. */
    kept: () => readdirSync(cache).map((name) => [name, statSync(join(cache, name)).ino] as const),
    run: (...args: string[]) => rig.ok(args, { env: { TMPDIR: temporary } }),
  };
}

const FLOW = `
import { FlowSpec, step } from 'millrace';
export class Two extends FlowSpec {
  @step start() { this.next(this.end); }
  @step end() {}
}`;

describe('compiled code', () => {
  it('of the program and of its children is kept, and used by later ones', async () => {
    await using rig = await FlowRig.create();
    const { run, kept } = await inOwnFolder(rig);
    await run('run', 'flow.ts');
    const first = kept();
    const programs = first.map(([name]) =>
      /(cli|worker|esbuild).*-(run|any|describe|task)-/.exec(name),
    );
    expect(programs.map((found) => found?.slice(1).join(' ') ?? '').toSorted()).toEqual([
      'cli run',
      'esbuild any',
      'worker describe',
      'worker task',
    ]);
    await run('run', 'flow.ts');
    expect(kept()).toEqual(first);
  });

  it('that this Node did not make is made anew', async () => {
    await using rig = await FlowRig.create();
    const { run, kept, cache } = await inOwnFolder(rig);
    await run('check', 'flow.ts');
    const [name = ''] = kept().map(([file]) => file);
    writeFileSync(join(cache, name), 'something else');
    await run('check', 'flow.ts');
    expect(kept().map(([file]) => file)).toContain(name);
    expect(statSync(join(cache, name)).size).toBeGreaterThan(10_000);
  });

  it('goes when a newer build has replaced it, or nobody has used it for a month', async () => {
    await using rig = await FlowRig.create();
    const { run, kept, cache } = await inOwnFolder(rig);
    await run('check', 'flow.ts');
    const [name = ''] = kept().map(([file]) => file);
    const replaced = name.replace(/-[0-9a-f]{16}-/, '-0123456789abcdef-');
    const [elsewhere, unused] = [replaced.replace('+', '+else+'), 'long-unused'];
    for (const other of [replaced, elsewhere, unused]) writeFileSync(join(cache, other), '');
    utimesSync(join(cache, unused), new Date(0), new Date(0));
    writeFileSync(join(cache, name), 'something else');
    await run('check', 'flow.ts');
    const left = kept().map(([file]) => file);
    expect([name, replaced, elsewhere, unused].filter((one) => left.includes(one))).toEqual([
      name,
      elsewhere,
    ]);
  });

  it('is neither read from nor put into a folder that others may write to', async () => {
    await using rig = await FlowRig.create();
    const { run, kept, cache } = await inOwnFolder(rig);
    mkdirSync(cache);
    chmodSync(cache, 0o777);
    await run('run', 'flow.ts');
    expect(kept()).toEqual([]);
  });

  it('that there is no room for leaves nothing behind', async () => {
    await using rig = await FlowRig.create();
    const { cache } = await inOwnFolder(rig);
    // Files of 100 KB at most: half of what it takes.
    const under = ['sh', '-c', 'ulimit -f 100; exec "$@"', 'sh'];
    await rig.ok(['run', 'flow.ts'], { under, env: { TMPDIR: dirname(cache) } });
    expect(readdirSync(cache)).toEqual([]);
  });

  it('is done without where nothing can be written', async () => {
    await using rig = await FlowRig.create();
    const { run, cache } = await inOwnFolder(rig);
    writeFileSync(cache, 'a file in its place');
    await run('run', 'flow.ts');
  });
});
