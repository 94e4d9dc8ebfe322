import { describe, expect, it } from 'vitest';
import { FlowRig, transcript } from '../rig/flow-rig.ts';
import { installPackage, vitest } from '../rig/install-package.ts';

const FLOW = `import { FlowSpec, type Inputs, param, retry, step } from 'millrace';
export class Sum extends FlowSpec {
  readonly limit = param.int({ default: 10 });
  numbers: number[] = [1, 2, 3];
  square = 0;
  total = 0;
  @step start() {
    this.next(this.work, { foreach: this.numbers });
  }
  @retry({ times: 1 })
  @step
  work(n: number) {
    if (n > this.limit) throw new RangeError('too large: ' + n);
    this.square = n * n;
    this.next(this.join);
  }
  @step join(inputs: Inputs<Sum>) {
    this.total = inputs.reduce((sum, { square }) => sum + square, 0);
    this.next(this.end);
  }
  @step end() {
    console.log('total', this.total);
  }
}
`;

const VITEST = `import { testStep } from 'millrace/testing';
import { expect, it } from 'vitest';
import { Sum } from './sum.ts';

it('squares', async () => {
  const { artifacts, next } = await testStep(Sum, 'work', { item: 3 });
  expect(artifacts).toEqual({ square: 9 });
  expect(next).toEqual({ kind: 'next', to: ['join'] });
});
it('refuses', async () => {
  const { error } = await testStep(Sum, 'work', { item: 3, parameters: { limit: 2 } });
  expect(error).toBeInstanceOf(RangeError);
  expect(error.stack).toContain('sum.ts:13:');
});
it('prints', async () => {
  const { stdout } = await testStep(Sum, 'end', { artifacts: { total: 14 } });
  expect(stdout).toBe('total 14\\n');
});
`;

const NODE_TEST = `import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fail, testFlow, testStep } from 'millrace/testing';
import { Sum } from './sum.js';

it('squares', async () => {
  const { artifacts, next } = await testStep(Sum, 'work', { item: 3 });
  assert.deepEqual(artifacts, { square: 9 });
  assert.deepEqual(next, { kind: 'next', to: ['join'] });
});
it('refuses', async () => {
  const { error } = await testStep(Sum, 'work', { item: 3, parameters: { limit: 2 } });
  assert(error instanceof RangeError);
  assert.match(error.stack ?? '', /sum\\.ts:13:/);
});
it('prints', async () => {
  const { stdout } = await testStep(Sum, 'end', { artifacts: { total: 14 } });
  assert.equal(stdout, 'total 14\\n');
});
it('runs', async () => {
  await using quiet = await testFlow(Sum, { parameters: { limit: 4 } });
  assert.equal(await quiet.artifacts.total, 14);
});
it('shows', async () => {
  await testStep(Sum, 'end', { artifacts: { total: 15 }, showOutput: true });
  await using shown = await testFlow(Sum, { inject: [fail('work', new Error('once'))], showOutput: true });
  assert.equal(shown.order.length, 9);
});
`;

describe('a project that tests its flow', () => {
  it('does so in vitest, with the plugin for decorators', async () => {
    await using rig = await FlowRig.create();
    await installPackage(rig);
    await rig.write('sum.ts', FLOW);
    await rig.write('sum.test.ts', VITEST);
    // No transform of Vite's own, as with a Vite that leaves decorators as they are.
    await rig.write(
      'vitest.config.ts',
      `import { decorators } from 'millrace/testing/vitest';
       import { defineConfig } from 'vitest/config';
       export default defineConfig({ plugins: [decorators()], esbuild: false });`,
    );
    await rig.write('package.json', '{ "type": "module" }');
    const finished = await vitest(rig, ['run']);
    expect(finished.code, transcript(finished)).toBe(0);
    expect(finished.stdout).toMatch(/Tests\s+3 passed/);
  });

  it('does so with node:test, with the hook for TypeScript', async () => {
    await using rig = await FlowRig.create();
    await installPackage(rig);
    await rig.write('sum.ts', FLOW);
    await rig.write('sum.test.ts', NODE_TEST);
    await rig.write('package.json', '{ "type": "module" }');
    const finished = await rig.startNode([
      '--import',
      'millrace/testing/register',
      '--test',
      'sum.test.ts',
    ]).finished;
    expect(finished.code, transcript(finished)).toBe(0);
    expect(finished.stdout).toMatch(/ pass 5$/m);
    expect(finished.stdout.match(/total \d+/g)).toEqual(['total 15', 'total 14']);
  });
});
