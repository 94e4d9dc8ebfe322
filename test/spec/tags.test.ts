import { Run } from 'millrace/client';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `import { current, FlowSpec, step } from 'millrace';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export class Tagged extends FlowSpec {
  tags: readonly string[] = [];
  @step async start() {
    this.tags = current.tags;
    while (existsSync('wait')) await setTimeout(10);
    this.next(this.end);
  }
  @step end() {}
}
`;

const env = { MILLRACE_USER: 'ada' };

async function tagsOf(rig: FlowRig, ...args: string[]): Promise<unknown> {
  return JSON.parse((await rig.ok(['tag', ...args, '--json'])).stdout);
}

describe('tags', () => {
  it('change after the fact: of a run that runs, of one that is lost, ten at once', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.write('wait', '');
    const running = rig.start(['run', 'flow.ts', '--tag', 'one', '--tag', 'two', '--json'], {
      env,
    });
    const { run } = await running.waitForEvent('task.launched');
    expect(await tagsOf(rig, 'add', run, 'live', 'ü ber')).toMatchObject({
      flow: 'Tagged',
      run,
      tags: ['one', 'two', 'live', 'ü ber'],
    });
    running.kill('SIGKILL');
    await running.finished;
    const names = Array.from({ length: 10 }, (_, n) => `n${n}`);
    await Promise.all(names.map((name) => rig.ok(['tag', 'add', run, name])));
    await rig.ok(['tag', 'remove', run, 'two', 'n3', 'nobody']);
    const { tags } = (await tagsOf(rig, 'list', 'latest')) as { tags: string[] };
    expect(tags.slice(0, 3)).toEqual(['one', 'live', 'ü ber']);
    expect(tags.slice(3).toSorted()).toEqual(names.filter((name) => name !== 'n3'));
    expect(await tagsOf(rig, 'replace', run, 'only')).toMatchObject({ tags: ['only'] });
    const { stdout } = await rig.ok(['tag', 'list', run]);
    expect(stdout).toMatch(/^only\nflow:Tagged\nuser:ada\nmillrace:\S+\nnode:\S+\n$/);
  });

  it('are what runs are found by, all of those that are named', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.ok(['run', 'flow.ts', '--tag', 'a', '--tag', 'b'], { env });
    expect(await rig.artifacts('latest/end')).toMatchObject({ tags: ['a', 'b'] });
    await rig.ok(['run', 'flow.ts', '--tag', 'a'], { env: { MILLRACE_USER: 'bob' } });
    const found = async (...tags: string[]) => {
      const args = tags.flatMap((tag) => ['--tag', tag]);
      const runs: { tags: string[] }[] = JSON.parse(
        (await rig.ok(['runs', '--json', ...args])).stdout,
      );
      return runs.map(({ tags: own }) => own.join());
    };
    expect(await found('a')).toEqual(['a', 'a,b']);
    expect(await found('b', 'a')).toEqual(['a,b']);
    expect(await found('a', 'user:bob')).toEqual(['a']);
    expect(await found('flow:Tagged', 'c')).toEqual([]);
    await rig.ok(['tag', 'add', 'latest', 'c']);
    expect(await found('c')).toEqual(['a,c']);
    const run = await Run.find('latest', { store: rig.store });
    await run.addTags(['d', 'e']);
    await run.removeTags(['c', 'd']);
    expect([await run.tags, await run.systemTags]).toEqual([
      ['a', 'e'],
      expect.arrayContaining(['flow:Tagged', 'user:bob']),
    ]);
    await run.replaceTags(['f']);
    expect(await run.tags).toEqual(['f']);
    const resumed = await rig.run(['flow.ts', '--tag', 'user:eve']);
    expect(resumed.code).toBe(2);
    expect(JSON.parse(resumed.stdout).error.message).toContain("is one of the system's");
  });

  it('that cannot be are refused, and change nothing', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.ok(['run', 'flow.ts', '--tag', 'a']);
    const refused = async (args: string[], message: string) => {
      const { code, stderr } = await rig.flow(['tag', ...args]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    };
    await refused(['add', 'latest', 'ok', 'user:eve'], 'the tag "user:eve"');
    await refused(['remove', 'latest', 'flow:Tagged'], 'which do not change');
    await refused(['add', 'latest', ...Array.from({ length: 50 }, (_, n) => `${n}`)], 'at most 50');
    await refused(['add', 'latest'], 'flow tag add needs a tag');
    await refused(['ad', 'latest', 'x'], 'did you mean "add"?');
    await refused(['list', 'latest', 'x'], 'takes a run only');
    await refused(['list', 'nothing'], 'No run "nothing"');
    await refused(['list'], 'needs a');
    expect(await tagsOf(rig, 'list', 'latest')).toMatchObject({ tags: ['a'] });
  });
});
