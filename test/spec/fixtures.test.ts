import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowSpec, type Inputs, param, step } from 'millrace';
import { fixtureFrom, kill, loadFixture, type TestRun, testFlow, testStep } from 'millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Sum extends FlowSpec {
  readonly factor = param.int({ default: 1 });
  numbers = [1, 2, 3];
  table = 'x'.repeat(5_000);
  part = 0;
  big = '';
  total = 0;
  @step start() {
    this.next(this.work, { foreach: this.numbers });
  }
  @step work(n: number) {
    this.part = n * this.factor + this.table.length;
    this.big = String(n).repeat(4_000);
    this.next(this.join);
  }
  @step join(inputs: Inputs<Sum>) {
    this.total = inputs.reduce((sum, { part, big }) => sum + part + big.length, 0);
    this.next(this.end);
  }
  @step end() {}
}

let run: TestRun<typeof Sum>;
let folder: string;

beforeAll(async () => {
  run = await testFlow(Sum, { parameters: { factor: 10 } });
  folder = await mkdtemp(join(tmpdir(), 'millrace-fixtures-'));
});
afterAll(async () => {
  await run[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

describe('a fixture', () => {
  it('gives a step what the run had given it: artifacts, item, parameters, place', async () => {
    const recorded = await fixtureFrom(run.task('work', 2), at('work'), { store: run.store });
    expect(recorded).toMatchObject({ flow: 'Sum', step: 'work', task: '2', run: run.run.id });
    const { artifacts, data } = await testStep(Sum, 'work', { fixture: loadFixture(at('work')) });
    expect(artifacts.part).toBe(30 + 5_000);
    expect(data).toMatchObject({ factor: 10, numbers: [1, 2, 3] });
  });

  it('gives a join its inputs, large ones too', async () => {
    await fixtureFrom('latest/join', at('join'), { store: run.store });
    const fixture = loadFixture(at('join'));
    const { artifacts } = await testStep(Sum, 'join', { fixture });
    expect(artifacts.total).toBe(await run.artifacts.total);
    const more = await testStep(Sum, 'join', { fixture, inputs: [{ part: 1, big: '' }] });
    expect(more.artifacts.total).toBe(1);
  });

  it('may be changed for a test, and is itself only read', async () => {
    const fixture = await fixtureFrom('latest/work/0', at('changed'), { store: run.store });
    const before = readdirSync(at('changed'), { recursive: true });
    const tested = await testStep(Sum, 'work', {
      fixture,
      item: 7,
      artifacts: { table: '' },
      parameters: { factor: 3 },
    });
    expect(tested.artifacts.part).toBe(21);
    expect(tested.data.numbers).toEqual([1, 2, 3]);
    expect(readdirSync(at('changed'), { recursive: true })).toEqual(before);
  });

  it('outlives the run and its store', async () => {
    {
      await using other = await testFlow(Sum, { inject: [kill('join')] });
      expect(other.status).toBe('failed');
      await fixtureFrom(`${other.run.pathspec}/join`, at('lasting'), { store: other.store });
    }
    const tested = await testStep(Sum, 'join', { fixture: loadFixture(at('lasting')) });
    expect(tested.status).toBe('succeeded');
  });

  it('replaces an earlier one, and nothing else', async () => {
    const options = { store: run.store };
    await fixtureFrom('latest/join', at('again'), options);
    const fixture = await fixtureFrom('latest/start', at('again'), options);
    expect(fixture.step).toBe('start');
    expect(readdirSync(at('again'))).toEqual(['task.json']);
    const taken = fixtureFrom('latest/start', folder, options);
    await expect(taken).rejects.toMatchObject({ code: 'FIXTURE_FOLDER_TAKEN' });
  });

  it('is refused where it does not fit, or is none', async () => {
    const fixture = await fixtureFrom('latest/work/1', at('wrong'), { store: run.store });
    const other = testStep(Sum, 'join', { fixture });
    await expect(other).rejects.toMatchObject({ code: 'TEST_GIVEN' });
    const copied = testStep(Sum, 'work', { fixture: { ...fixture } });
    await expect(copied).rejects.toMatchObject({ code: 'FIXTURE_UNREADABLE' });
    expect(() => loadFixture(at('nowhere'))).toThrow(/There is no fixture/);
    const file = join(at('wrong'), 'task.json');
    for (const [text, message] of [
      ['{', /cannot be read/],
      ['{}', /holds no fixture/],
      ['{"format":99,"millrace":"9.0.0","spec":{"step":"work"}}', /9\.0\.0, which is newer/],
    ] as const) {
      writeFileSync(file, text);
      expect(() => loadFixture(at('wrong'))).toThrow(message);
    }
    const nothing = fixtureFrom('latest', at('nothing'), { store: run.store });
    await expect(nothing).rejects.toMatchObject({ code: 'TARGET_INVALID' });
  });
});
