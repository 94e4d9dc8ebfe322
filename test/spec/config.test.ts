import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** A Standard Schema without a library: `{ size, mode }`, with `extra` added. */
const SCHEMA = `const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => {
  const issues = [];
  if (typeof value?.size !== 'number') issues.push({ message: 'not a number', path: ['size'] });
  if (!['fast', 'slow'].includes(value?.mode)) issues.push({ message: 'no mode', path: ['mode'] });
  return issues.length > 0 ? { issues } : { value: { ...value, extra: [1] } };
} } } as const;`;

const FLOW = `import { config, FlowSpec, param, retry, step } from 'millrace';
${SCHEMA}
const train: { readonly size: number; readonly mode: 'fast' | 'slow'; readonly extra: readonly number[] } =
  config('train', { file: 'train.yaml', schema, help: 'how to train' }) as never;
const names = config('name-list', { default: ['a'] });

export class Configured extends FlowSpec {
  readonly top = param.int({ default: train.size });
  readonly made = param.int({ default: ({ configs }) => (configs['train'] as typeof train).size + 1 });
  seen: unknown[] = [];
  frozen: string[] = [];

  @retry({ times: train.size, backoff: { initial: '1ms' } })
  @step start() {
    this.seen.push(train);
    for (const change of [() => Object.assign(train, { size: 0 }), () => (train.extra as number[]).push(2)]) {
      try { change(); } catch (error) { this.frozen.push(error.name); }
    }
    this.next({ fast: this.fast, slow: this.slow }, { condition: train.mode });
  }
  @step fast() { this.next(this.end); }
  @step slow() {
    this.seen.push(train, names);
    if (process.env.BREAK === 'yes') throw new Error('broken');
    this.next(this.end);
  }
  @step end() { this.seen.push(train, this.top, this.made); }
}
`;

const value = (size: number) => ({ size, mode: 'slow', extra: [1] });
const text = (size: number) => JSON.stringify({ size, mode: 'slow' });

describe('a config', () => {
  it('comes from the command line, else the environment, else its file, else its default', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'sub/flow.ts',
      FLOW.replace('schema, help', `default: ${text(1)}, schema, help`),
    );
    const shown = async (args: string[], env: NodeJS.ProcessEnv) => {
      const { stdout } = await rig.ok(['show', 'sub/flow.ts', '--json', ...args], { env });
      const { configs } = JSON.parse(stdout);
      return [JSON.parse(configs[0].valueText).size, configs[0].source];
    };
    const env = { MILLRACE_CONFIG_TRAIN: text(3) };
    expect(await shown([], {})).toEqual([1, { kind: 'default' }]);
    const path = await rig.write('sub/train.yaml', '# by hand\nsize: 2\nmode: slow\n');
    expect(await shown([], {})).toEqual([2, { kind: 'file', path }]);
    expect(await shown([], env)).toEqual([
      3,
      { kind: 'environment', variable: 'MILLRACE_CONFIG_TRAIN' },
    ]);
    const other = await rig.write('other.json', text(4));
    expect(await shown(['--config', 'train', 'other.json'], env)).toEqual([
      4,
      { kind: 'file', path: other },
    ]);
    expect(await shown(['--config-value', 'train', text(5)], env)).toEqual([
      5,
      { kind: 'command-line' },
    ]);
    const { stdout } = await rig.ok(['show', 'sub/flow.ts']);
    expect(stdout).toContain(
      'config train  {"size":2,"mode":"slow","extra":[1]} (from sub/train.yaml): how to train',
    );
    const help = await rig.ok(['run', 'sub/flow.ts', '--help']);
    expect(help.stdout).toMatch(/Configs, given with .*\n {2}config train {2}.*how to train/);
  });

  it('is the same frozen value in decorators, defaults, conditions, every task, and a resume', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const file = await rig.write('train.yaml', 'size: 2\nmode: slow\n');
    const broken = await rig.run(['flow.ts'], { env: { BREAK: 'yes' } });
    expect(broken.code).toBe(1);
    expect(broken.events[0]).toMatchObject({
      type: 'run.started',
      configs: { train: { source: { kind: 'file', path: file }, input: { encoding: 'cbor' } } },
    });
    await rm(file);
    const again = await rig.flow(['resume', 'flow.ts', '--json'], {
      env: { MILLRACE_CONFIG_TRAIN: text(9) },
    });
    expect(again.code).toBe(0);
    const artifacts = await rig.artifacts('latest/end');
    expect(artifacts['seen']).toEqual([value(2), value(2), ['a'], value(2), 2, 3]);
    expect(artifacts['frozen']).toEqual(['TypeError', 'TypeError']);
    const shown = await rig.ok(['show', 'flow.ts', '--json', '--config-value', 'train', text(2)]);
    expect(JSON.parse(shown.stdout).steps[0].decorators[0]).toContain('retry(times=2');
  });

  it('of an origin run is validated again, and not to be given anew', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const given = ['--config-value', 'train', text(2)];
    expect((await rig.run(['flow.ts', ...given], { env: { BREAK: 'yes' } })).code).toBe(1);
    const other = await rig.flow(['resume', 'flow.ts', ...given]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('configs are those of the origin run');
    await rig.write('flow.ts', FLOW.replace("'fast', 'slow'", "'fast', 'thorough'"));
    const { code, stderr } = await rig.flow(['resume', 'flow.ts']);
    expect(code).toBe(2);
    expect(stderr).toContain('the config "train" (the command line) is refused: no mode (at mode)');
    const named = await rig.flow(['resume', 'flow.ts', '--origin-run-id', 'latest']);
    expect(named.stderr).toContain('is refused: no mode');
  });

  it('goes to the run that is resumed, also where its file was called otherwise', async () => {
    await using rig = await FlowRig.create();
    await rig.write('old.ts', FLOW);
    const given = ['--config-value', 'train', text(2)];
    expect((await rig.run(['old.ts', ...given], { env: { BREAK: 'yes' } })).code).toBe(1);
    await rm(join(rig.dir, 'old.ts'));
    await rig.write('new.ts', FLOW.replace('schema, help', `default: ${text(7)}, schema, help`));
    await rig.ok(['resume', 'new.ts']);
    expect((await rig.artifacts('latest/end'))['seen']).toContainEqual(value(2));
  });
});

describe('configs that cannot be had', () => {
  it('are told all at once, with their places, and nothing starts', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { config } from 'millrace';
      config('broken', { file: 'broken.json' });
      config('nothing');
      config('gone', { file: 'gone.yaml' });
      config('wrong', { defalut: 1, default: 1 } as object);
      config('late', { default: () => 1 });
      config('none', null as never);
      config('binary', { file: 'binary.yaml' });
      ${FLOW}`,
    );
    await rig.write('binary.yaml', Buffer.from([0xff, 0xfe, 0x00, 0x41]));
    await rig.write('broken.json', '{\n  "a": 1,\n}\n');
    const { code, stderr } = await rig.flow(
      ['run', 'flow.ts', '--config', 'train', 'x.yaml', '--config-value', 'name-list', '[1'],
      {},
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/broken\.json:3:1/);
    expect(stderr).toContain('"}" where a key in double quotes should be');
    expect(stderr).toContain('the config "nothing" has no value');
    expect(stderr).toContain('or set MILLRACE_CONFIG_NOTHING');
    expect(stderr).toContain(`${join(rig.dir, 'gone.yaml')} of the config "gone" cannot be read`);
    expect(stderr).toContain('did you mean "default"?');
    expect(stderr).toContain('the config "late" is a function');
    expect(stderr).toContain(`${join(rig.dir, 'x.yaml')} of the config "train" cannot be read`);
    expect(stderr).toContain('--config-value name-list is not JSON');
    expect(stderr).toContain('config("none"): null is not an object of options');
    expect(stderr).toContain('of the config "binary" is no text in UTF-8');
    expect(stderr).toContain('9 configs cannot be used');
    expect(existsSync(rig.store)).toBe(false);
  });

  it('have a suggestion where the name is mistyped, and a rule against two values', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const given = ['--config-value', 'train', text(1)];
    const unknown = await rig.flow(['check', 'flow.ts', ...given, '--config-value', 'trian', '1']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('the flow has no config "trian"');
    expect(unknown.stderr).toContain('did you mean "train"?');
    const twice = await rig.flow(['check', 'flow.ts', ...given, ...given, '--json']);
    expect(JSON.parse(twice.stdout).error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'the config "train" is given more than once on the command line',
    });
  });

  it('are the reason given where the module breaks for want of them', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', `${FLOW}\nconsole.log(names[0].toUpperCase(), train.extra[0]);`);
    const { code, stderr } = await rig.flow(['graph', 'flow.ts']);
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be read: there is no such file');
    expect(stderr).not.toContain('TypeError');
  });

  it('include one that is declared only when a step runs', async () => {
    await using rig = await FlowRig.create();
    const late = FLOW.replace('@step end() {', "@step end() { config('later', { default: 1 });");
    await rig.write('flow.ts', late);
    const { code, events } = await rig.run(['flow.ts', '--config-value', 'train', text(1)]);
    expect(code).toBe(1);
    expect(events.find(({ type }) => type === 'task.failed')).toMatchObject({
      failure: {
        code: 'CONFIG_LATE',
        message: 'config("later") was called after the flow had been loaded',
      },
    });
  });
});
