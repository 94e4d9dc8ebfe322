import { FlowSpec, flowMutator, param, retry, step } from 'millrace';
import { Runner } from 'millrace/runner';
import { fail, testFlow, testStep } from 'millrace/testing';
import { describe, expect, it } from 'vitest';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

const HARDENED = `
  const hardened = flowMutator<{ times: number }>({
    name: 'hardened',
    mutate({ flow, options }) {
      for (const step of flow.steps) {
        if (!step.has('retry')) step.add(retry({ times: options.times, backoff: { initial: '1ms' } }));
      }
      flow.step('work').remove('timeout');
      flow.addParameter('dryRun', param.boolean({ default: false, help: 'change nothing' }));
      flow.removeParameter('city');
    },
  });`;

interface Shape {
  /** Before the class. */
  readonly definitions?: string;
  readonly decorator?: string;
  readonly members?: string;
  readonly work?: string;
}

const weather = ({ definitions = HARDENED, decorator = '', members = '', work = '' }: Shape) => `
  import { current, flowMutator, FlowSpec, param, retry, step, stepDecorator, timeout } from 'millrace';
  ${definitions}
  ${decorator} export class Weather extends FlowSpec {
    readonly city = param.string({ default: 'oslo' });
    declare readonly dryRun: boolean;
    ${members}
    seen: unknown[] = [];
    @step start() { this.next(this.work); }
    @timeout('90s') @step work() {
      ${work}
      this.seen = [this.dryRun, Reflect.get(this, 'city'), current.attempt];
      this.next(this.end);
    }
    @step end() {}
  }`;

const ONCE = `if (current.attempt === 1) throw new Error('once');`;
const CLASS_DECORATOR: Shape = { decorator: '@hardened({ times: 1 })' };
const LISTED: Shape = { members: 'static mutators = [hardened({ times: 1 })];' };

function failuresOf({ events }: Finished) {
  return events.flatMap((event) =>
    event.type === 'task.failed' && event.failure.kind === 'user-error' ? [event.failure] : [],
  );
}

describe('a flow mutator', () => {
  it.each([
    ['as a decorator', CLASS_DECORATOR, false],
    ['in static mutators', LISTED, false],
    ['as a legacy decorator', CLASS_DECORATOR, true],
  ])('adds and removes decorators and parameters, %s', async (_way, shape, isLegacy) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', weather({ ...shape, work: ONCE }));
    if (isLegacy) {
      await rig.write('tsconfig.json', '{"compilerOptions":{"experimentalDecorators":true}}');
    }
    const { stdout } = await rig.ok(['show', 'flow.ts']);
    expect(stdout).toContain('--dry-run');
    expect(stdout).not.toContain('--city');
    expect(stdout.match(/@retry\(times=1, initial=1ms\)/g)).toHaveLength(3);
    expect(stdout).not.toContain('@timeout');
    await rig.ok(['run', 'flow.ts', '--dry-run']);
    expect((await rig.artifacts('latest/end'))['seen']).toEqual([true, null, 2]);
    await rig.ok(['run', 'flow.ts'], { env: { MILLRACE_PARAM_DRY_RUN: 'yes' } });
    expect((await rig.artifacts('latest/end'))['seen']).toEqual([true, null, 2]);
    const refused = await rig.flow(['run', 'flow.ts', '--city', 'bergen']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--city');
  });

  it.each(['process', 'pooled', 'inline'])('holds in tasks that run %s', async (isolation) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', weather({ ...CLASS_DECORATOR, work: ONCE }));
    await rig.ok(['run', 'flow.ts', '--dry-run', '--isolation', isolation]);
    expect((await rig.artifacts('latest/end'))['seen']).toEqual([true, null, 2]);
  });

  it('adds code around steps, and sees what --with adds', async () => {
    await using rig = await FlowRig.create();
    const definitions = `
      const told = stepDecorator({ name: 'told', before: ({ step }) => console.log('told ' + step) });
      const tells = flowMutator({ name: 'tells', mutate({ flow }) {
        for (const step of flow.steps) { step.add(told); step.remove('noisy'); }
      } });`;
    await rig.write('flow.ts', weather({ definitions, decorator: '@tells' }));
    await rig.write(
      'noisy.ts',
      `import { stepDecorator } from 'millrace';
      export const noisy = stepDecorator({ name: 'noisy', before: () => console.log('noise') });`,
    );
    await rig.ok(['run', 'flow.ts', '--with', './noisy.ts:noisy']);
    const { stdout } = await rig.ok(['logs', 'latest']);
    for (const name of ['start', 'work', 'end']) expect(stdout).toContain(`told ${name}`);
    expect(stdout).not.toContain('noise');
  });

  it('of a base class holds for the flows that extend it, and one of theirs for them alone', async () => {
    await using rig = await FlowRig.create();
    const flow = weather({ ...CLASS_DECORATOR, work: ONCE });
    const child = `
      const patient = flowMutator({ name: 'patient', mutate({ flow }) {
        flow.step('work').remove('retry');
        flow.step('work').add(retry({ times: 2, backoff: { initial: '1ms' } }));
      } });
      @patient export class Storm extends Weather {}
      export class Calm extends Weather {}`;
    await rig.write('flow.ts', flow + child);
    const shown = async (name: string) => (await rig.ok(['show', `flow.ts:${name}`])).stdout;
    expect((await shown('Storm')).match(/@retry\(times=\d/g)).toEqual([
      '@retry(times=1',
      '@retry(times=2',
      '@retry(times=1',
    ]);
    for (const name of ['Weather', 'Calm']) {
      expect((await shown(name)).match(/@retry\(times=1/g)).toHaveLength(3);
    }
    await rig.ok(['run', 'flow.ts:Storm']);
    expect((await rig.artifacts('latest/end'))['seen']).toEqual([false, null, 2]);
  });

  it('counts in a spin and in a resume as it is now', async () => {
    await using rig = await FlowRig.create();
    const broken = weather({ ...CLASS_DECORATOR, work: `throw new Error('broken');` });
    await rig.write('flow.ts', broken);
    expect((await rig.run(['flow.ts', '--dry-run'])).code).toBe(1);
    const mended = weather({
      definitions: HARDENED.replace('times: options.times', 'times: 0'),
      ...CLASS_DECORATOR,
    });
    await rig.write('flow.ts', mended);
    const spun = await rig.ok(['spin', 'latest/work', '--json']);
    expect(JSON.parse(spun.stdout)).toMatchObject({ status: 'succeeded' });
    await rig.ok(['resume', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['seen']).toEqual([true, null, 1]);
    expect((await rig.ok(['show', 'flow.ts'])).stdout).toContain('@retry(times=0');
  });

  it('is not run for a flow of the file that was not asked for', async () => {
    await using rig = await FlowRig.create();
    const other = `
      const broken = flowMutator({ name: 'broken', mutate() { throw new Error('not mine'); } });
      @broken export class Other extends FlowSpec { @step start() { this.next(this.end); } @step end() {} }`;
    await rig.write('flow.ts', weather(CLASS_DECORATOR) + other);
    await rig.ok(['check', 'flow.ts:Weather']);
    expect((await rig.flow(['check', 'flow.ts:Other'])).stderr).toContain('not mine');
  });
});

describe('a flow mutator that is wrong', () => {
  it('starts nothing when it throws, and is shown with its own lines', async () => {
    await using rig = await FlowRig.create();
    const definitions = `const hardened = flowMutator<{ times: number }>({
      name: 'hardened',
      mutate({ options }) {
        throw new TypeError('cannot do ' + options.times);
      },
    });`;
    await rig.write('flow.ts', weather({ definitions, ...CLASS_DECORATOR }));
    for (const command of ['run', 'check', 'show']) {
      const { code, stderr } = await rig.flow([command, 'flow.ts']);
      expect(code).toBe(2);
      expect(stderr).toContain('the flow mutator @hardened of');
      expect(stderr).toContain('threw TypeError: cannot do 1');
      expect(stderr).toContain('flow.ts:6:15');
      expect(stderr).not.toContain('mutators.');
    }
    expect(await rig.exists('.millrace')).toBe(false);
  });

  it.each([
    ['the flow', 'Weather'],
    ['a base class', 'Storm'],
  ])('on %s is told all of it with the flow’s other mistakes, at its class', async (_on, name) => {
    await using rig = await FlowRig.create();
    const definitions = `const hardened = flowMutator({
      name: 'hardened',
      async mutate({ flow }) {
        flow.step('wrok').remove('retry');
        flow.addParameter('seen', param.int());
        flow.removeParameter('ctiy');
        flow.step('work').add(timeout('1m'));
        flow.addParameter('maxWorkers', param.int());
      },
    });`;
    const work = 'this.next(this.nowhere);';
    const flow = weather({ definitions, decorator: '@hardened', work });
    const storm = name === 'Storm' ? 'export class Storm extends Weather {}' : '';
    await rig.write(
      'flow.ts',
      `${flow}
${storm}`,
    );
    const { code, stdout } = await rig.flow(['check', `flow.ts:${name}`, '--json']);
    expect(code).toBe(1);
    const { diagnostics }: { diagnostics: { code: string; message: string; span: object }[] } =
      JSON.parse(stdout);
    const own = diagnostics.filter((diagnostic) => diagnostic.code === 'bad-mutator');
    expect(own.map(({ message }) => message)).toEqual([
      '@hardened asks for the step "wrok", which the flow does not have',
      '@hardened adds the parameter "seen", which is a field that has a value',
      '@hardened removes the parameter "ctiy", which the flow does not have',
      '@hardened adds @timeout(1m) to "work", which has @timeout(90s)',
      '@hardened returned a promise, and nothing waits for it',
    ]);
    expect(diagnostics.length).toBeGreaterThan(own.length);
    const clash = diagnostics.filter((diagnostic) => diagnostic.code === 'parameter-clash');
    const line = name === 'Storm' ? flow.split('\n').length + 1 : 13;
    expect(clash).toMatchObject([{ span: { line } }]);
    for (const { span } of own) expect(span).toMatchObject({ line: 13 });
    const { stderr } = await rig.flow(['run', `flow.ts:${name}`]);
    expect(stderr).toContain('did you mean "work"?');
    expect(stderr).toContain('did you mean "city"?');
  });
});

describe('mutators that do not agree', () => {
  const CHANCE = `const chance = flowMutator({ name: 'chance', mutate({ flow }) {
    flow.addParameter('lucky', param.int({ default: process.pid }));
    flow.step('work').add(retry({ times: 0 }));
  } });`;

  it.each([
    ['with spares', []],
    ['without spares', ['--no-spares']],
    ['pooled', ['--isolation', 'pooled', '--no-spares']],
  ])('fail the first task whose process differs, %s', async (_way, options) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', weather({ definitions: CHANCE, decorator: '@chance' }));
    const finished = await rig.run(['flow.ts', ...options]);
    expect(finished.code).toBe(1);
    const [failure] = failuresOf(finished);
    expect(failure?.code).toBe('MUTATORS_DISAGREE');
    expect(failure?.message).toMatch(
      /of Weather made something else in this process .*: the parameter "lucky"$/,
    );
    expect(failure?.hint).toContain('the same in every process');
  });

  it('keep an inline run from starting', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', weather({ definitions: CHANCE, decorator: '@chance' }));
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--isolation', 'inline']);
    expect(code).toBe(2);
    expect(stderr).toContain('made something else in this process than in the first');
  });

  it('are noticed where only some of the processes have one', async () => {
    await using rig = await FlowRig.create();
    const definitions = `${HARDENED}
      import { existsSync, writeFileSync } from 'node:fs';
      const isFirst = !existsSync('seen');
      writeFileSync('seen', '');`;
    const members = 'static mutators = isFirst ? [] : [hardened({ times: 0 })];';
    await rig.write('flow.ts', weather({ definitions, members }));
    const [failure] = failuresOf(await rig.run(['flow.ts']));
    expect(failure?.message).toContain('the step "start", the step "work", the step "end"');
  });

  it('fail a spin whose process differs', async () => {
    await using rig = await FlowRig.create();
    const work = `if (process.env['SPIN'] === undefined) throw new Error('broken');`;
    const definitions = CHANCE.replace('process.pid', `process.env['SPIN'] ? process.pid : 1`);
    // Else the process that described the flow runs the task.
    const decorator = '@fresh @chance';
    const fresh = `const fresh = flowMutator({ name: 'fresh', mutate: ({ flow }) => flow.step('work').add(isolate('fresh')) });`;
    const flow = weather({ definitions: definitions + fresh, decorator, work });
    await rig.write('flow.ts', flow.replace('import {', 'import { isolate,'));
    expect((await rig.run(['flow.ts'])).code).toBe(1);
    const { code, stdout } = await rig.flow(['spin', 'latest/work', '--json'], {
      env: { SPIN: 'yes' },
    });
    expect(code).toBe(1);
    expect(stdout).toContain('MUTATORS_DISAGREE');
  });

  it('may give a parameter a default that is made once per launch', async () => {
    await using rig = await FlowRig.create();
    const definitions = CHANCE.replace('process.pid', '() => process.pid');
    await rig.write('flow.ts', weather({ definitions, decorator: '@chance' }));
    await rig.ok(['run', 'flow.ts']);
  });
});

const tried = flowMutator<{ times: number }>({
  name: 'tried',
  mutate({ flow, options }) {
    flow.step('work').add(retry(options.times));
    flow.addParameter('factor', param.int({ default: 2 }));
    flow.removeParameter('unit');
  },
});

@tried({ times: 1 })
class Tried extends FlowSpec {
  readonly unit = param.string({ default: 'm' });
  readonly factor!: number;
  size = 1;
  told: unknown[] = [];
  @step start() {
    this.next(this.work);
  }
  @step work() {
    this.size *= this.factor;
    this.told = Object.keys(this);
    this.next(this.end);
  }
  @step end() {}
}

describe('a mutated flow of this process', () => {
  it('is tested as it runs, step by step', async () => {
    const { artifacts } = await testStep(Tried, 'work', { parameters: { factor: 5 } });
    expect(artifacts).toEqual({ size: 5, told: ['factor', 'size', 'told'] });
    const unit = testStep(Tried, 'work', { parameters: { unit: 'km' } });
    await expect(unit).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
  });

  it('is tested as it runs, as a whole, however often', async () => {
    for (const factor of [3, 4]) {
      const inject = [fail('work', new Error('once'))];
      await using run = await testFlow(Tried, { inject, parameters: { factor } });
      expect(run.status).toBe('succeeded');
      expect(await run.artifacts.size).toBe(factor);
    }
  });

  it('is run by a Runner in the process that has the class, too', async () => {
    await using rig = await FlowRig.create();
    const runner = new Runner(Tried, { store: rig.store });
    const executing = await runner.run({ factor: 6 }, { isolation: 'inline' });
    expect((await executing.wait()).status).toBe('succeeded');
    expect(await executing.run.data()).toMatchObject({ size: 6, factor: 6 });
    const wrong = runner.run(JSON.parse('{"unit":"km"}'), { isolation: 'inline' });
    await expect(wrong).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
  });

  it('is told what its mutator threw, and what is wrong with it', async () => {
    const cause = new RangeError('boom');
    const broken = flowMutator({
      name: 'broken',
      mutate() {
        throw cause;
      },
    });
    @broken
    class Broken extends Tried {}
    await expect(testStep(Broken, 'work')).rejects.toMatchObject({ code: 'MUTATOR_THREW', cause });
    @tried({ times: 2 })
    class Twice extends Tried {}
    await expect(testFlow(Twice)).rejects.toThrow(
      '@tried adds @retry(times=2) to "work", which has @retry(times=1)',
    );
  });
});
