import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const MINIMAL = `import { FlowSpec, step } from 'millrace';
export class Minimal extends FlowSpec {
  @step start() { this.next(this.end); }
  @step end() {}
}
`;

const second = (name: string) =>
  MINIMAL.replace("import { FlowSpec, step } from 'millrace';", '').replace('Minimal', name);

describe('a flow file', () => {
  it.each<[string, string | undefined, RegExp[]]>([
    ['that is missing', undefined, [/there is no file flow\.ts/]],
    ['that cannot be parsed', 'export class {{{', [/flow\.ts:1:/]],
    ['without a flow', 'export const x = 1;', [/flow\.ts/, /no flow/, /FlowSpec/]],
    [
      'with two flows',
      MINIMAL + second('Other'),
      [/2 flows/, /Minimal/, /Other/, /flow\.ts:Minimal/],
    ],
    [
      'whose import throws',
      `${MINIMAL}throw new RangeError('at import');`,
      [/RangeError: at import/, /flow\.ts/],
    ],
    ['whose import exits', `${MINIMAL}process.exit(3);`, [/exit code 3/, /imported/]],
    [
      'that imports what is not there',
      `import './nowhere.ts';\n${MINIMAL}`,
      [/nowhere/, /flow\.ts:1:/],
    ],
    [
      'with an unknown step',
      MINIMAL.replace('this.end', 'this.edn'),
      [/flow\.ts:3:/, /edn/, /end/],
    ],
  ])('%s is refused with a sentence, and nothing is made', async (_, text, messages) => {
    await using rig = await FlowRig.create();
    if (text !== undefined) await rig.write('flow.ts', text);
    const { code, stderr, stdout } = await rig.flow(['run', 'flow.ts']);
    expect(code).toBe(2);
    for (const message of messages) expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/dist\/|node:internal/);
    expect(stdout).toBe('');
    expect(existsSync(rig.store)).toBe(false);
  });

  it('with two flows runs the one that is named after a colon', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', MINIMAL + second('Other'));
    const { events } = await rig.run(['flow.ts:Other']);
    expect(events[0]).toMatchObject({ type: 'run.started', flow: 'Other' });
    const { code, stderr } = await rig.flow(['run', 'flow.ts:Othr']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean "Other"?');
    await rig.write('two flows.ts', MINIMAL + second('Other'));
    const unsaid = await rig.flow(['run', 'two flows.ts']);
    expect(unsaid.stderr).toContain(`say which one: '${rig.dir}/two flows.ts:Minimal'`);
  });

  it('with many mistakes shows all of them at once, each with its place', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step } from 'millrace';
export class Many extends FlowSpec {
  @step start() { this.next(this.midle); }
  @step middle() { }
  @step end() { this.next(this.start); }
}`,
    );
    const { code, stderr } = await rig.flow(['check', 'flow.ts']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/flow\.ts:3:\d+/);
    expect(stderr).toMatch(/flow\.ts:4:\d+/);
    expect(stderr).toMatch(/flow\.ts:5:\d+/);
  });
});

describe('a parameter', () => {
  const flow = `import { FlowSpec, param, step } from 'millrace';
export class Params extends FlowSpec {
  readonly batchSize = param.int({ default: 3, min: 1 });
  readonly city = param.choice(['rome', 'oslo'] as const);
  got = '';
  @step start() { this.got = this.city + this.batchSize; this.next(this.end); }
  @step end() {}
}`;

  it.each([
    ['missing', [], [/--city/, /required|missing/i]],
    ['mistyped', ['--city', 'rome', '--batch-size', 'x'], [/--batch-size/, /whole number/]],
    ['out of range', ['--city', 'rome', '--batch-size', '0'], [/--batch-size/, /1/]],
    ['not among the choices', ['--city', 'romee'], [/--city/, /did you mean "rome"/]],
    ['unknown', ['--city', 'rome', '--batchsize', '4'], [/--batch-size/]],
    ['given twice', ['--city', 'rome', '--city', 'oslo'], [/--city/, /twice|once/]],
    ['wrong in two places', ['--batch-size', 'x'], [/--city/, /--batch-size/]],
  ])('that is %s is refused with exit code 2', async (_, args, messages) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow);
    const { code, stderr } = await rig.flow(['run', 'flow.ts', ...args]);
    expect(code).toBe(2);
    for (const message of messages) expect(stderr).toMatch(message);
    expect(existsSync(rig.store)).toBe(false);
  });

  it('comes from its flag, else the environment, else its default', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow);
    const env = { MILLRACE_PARAM_BATCH_SIZE: '7', MILLRACE_PARAM_CITY: 'oslo' };
    await rig.ok(['run', 'flow.ts', '--city', 'rome'], { env });
    expect((await rig.artifacts('latest/end'))['got']).toBe('rome7');
    await rig.ok(['run', 'flow.ts', '--city', 'rome']);
    expect((await rig.artifacts('latest/end'))['got']).toBe('rome3');
  });

  it('that collides with an option of run is a lint error', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow.replaceAll('batchSize', 'maxWorkers'));
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--city', 'rome']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/flow\.ts:3:/);
    expect(stderr).toContain('--max-workers');
  });

  it('is listed by run --help, which works for a broken flow too', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', flow);
    const { stdout } = await rig.ok(['run', 'flow.ts', '--help']);
    expect(stdout).toContain('--batch-size');
    expect(stdout).toContain('--max-workers');
    await rig.write('flow.ts', 'export class {{{');
    const broken = await rig.flow(['run', 'flow.ts', '--help']);
    expect(broken.code).toBe(0);
    expect(broken.stdout).toContain('--max-workers');
    expect(broken.stdout + broken.stderr).toMatch(/flow\.ts/);
  });
});

describe('the command line', () => {
  it.each([
    [['rnu', 'flow.ts'], /did you mean "run"\?/],
    [['run', 'flow.ts', '--max-worker', '2'], /--max-workers/],
    [['run', 'flow.ts', '--max-workers', 'two'], /--max-workers/],
    [['run', 'flow.ts', '--on-failure', 'stop'], /finish.*kill.*continue/],
    [['run', 'flow.ts', '--with', 'retri'], /retry/],
  ])('%j is refused with a suggestion', async (args, message) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', MINIMAL);
    const { code, stderr } = await rig.flow(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
