import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { current, FlowSpec, type Inputs, param, retry, step } from 'millrace';

let outside = '';
try { console.log(current.runId); } catch (error) { outside = error.message; }

function facts() {
  const { flowName, runId, stepName, taskId, pathspec, attempt, tags, idempotencyKey, foreachStack } = current;
  return { flowName, runId, stepName, taskId, pathspec, attempt, tags, idempotencyKey, foreachStack,
    parameters: { ...current.parameters }, aborted: current.signal.aborted };
}

export class Current extends FlowSpec {
  readonly top = param.int({ default: 5 });
  readonly names = param.list({ default: ['a', 'b'] });
  readonly absent = param.string({ optional: true });
  outside = '';
  facts: ReturnType<typeof facts> | undefined;
  stack: unknown;
  temp = '';
  keys: string[] = [];
  wrote = '';

  @step start() {
    this.outside = outside;
    this.facts = facts();
    this.next(this.outer, { foreach: ['x', 'y'] });
  }
  @step outer(_item: string) { this.next(this.inner, { foreach: new Map([['k', 1]]) }); }

  @retry({ times: 1, backoff: { initial: '1ms' } })
  @step inner(_item: [string, number]) {
    const { tempDir, idempotencyKey, attempt } = current;
    this.temp = tempDir;
    const isFresh = !existsSync(join(tempDir, 'mark'));
    writeFileSync(join(tempDir, 'mark'), '');
    this.wrote = \`\${isFresh} \${tempDir === current.tempDir}\`;
    const file = \`key-\${current.taskId}\`;
    if (attempt === 1) {
      writeFileSync(file, idempotencyKey);
      throw new Error('once more');
    }
    this.keys = [readFileSync(file, 'utf8'), idempotencyKey];
    this.facts = facts();
    this.stack = this.foreachStack();
    this.next(this.innerJoin);
  }
  @step innerJoin(inputs: Inputs<Current>) {
    this.facts = inputs[0].facts;
    this.keys = inputs[0].keys;
    this.next(this.join);
  }
  @step join(inputs: Inputs<Current>) {
    this.keys = inputs.flatMap(({ keys }) => keys);
    this.facts = facts();
    this.next(this.end);
  }
  @step end() {}
}
`;

describe('current', () => {
  it('tells a task everything about itself', { timeout: 60_000 }, async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const { events, code } = await rig.run([
      'flow.ts',
      '--top',
      '7',
      '--tag',
      'one',
      '--tag',
      'two',
    ]);
    expect(code).toBe(0);
    const run = events[0]?.run ?? '';
    const start = await rig.artifacts('latest/start');
    const common = {
      flowName: 'Current',
      runId: run,
      tags: ['one', 'two'],
      parameters: { top: 7, names: ['a', 'b'] },
      aborted: false,
    };
    expect(start['facts']).toEqual({
      ...common,
      stepName: 'start',
      taskId: '0',
      pathspec: `Current/${run}/start/0`,
      attempt: 1,
      foreachStack: [],
      idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(start['outside']).toContain('current.runId was read outside a running step');

    const inner = await rig.artifacts('latest/inner/1.0');
    const stack = [
      { step: 'start', index: 1, size: 2, item: 'y' },
      { step: 'outer', index: 0, size: 1, item: ['k', 1] },
    ];
    expect(inner['facts']).toMatchObject({
      ...common,
      stepName: 'inner',
      taskId: '1.0',
      pathspec: `Current/${run}/inner/1.0`,
      attempt: 2,
      foreachStack: stack,
    });
    expect(inner['stack']).toEqual(stack);
    expect(inner['wrote']).toBe('true true');
    expect(existsSync(String(inner['temp']))).toBe(false);

    const join = await rig.artifacts('latest/join');
    const [first, firstAgain, second, secondAgain] = join['keys'] as string[];
    expect([first, second]).toEqual([firstAgain, secondAgain]);
    expect(first).not.toBe(second);
    expect(join['facts']).toMatchObject({ taskId: '0', foreachStack: [] });
  });
});
