import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const SCHEMA = `const lengthOf = { '~standard': { version: 1, vendor: 'test', validate: (value) =>
  typeof value === 'string' && value.length < 9 ? { value: value.length } : { issues: [{ message: 'too long' }] },
} } as never;`;

const FLOW = `import { appendFileSync, rmSync } from 'node:fs';
import { FlowSpec, param, step } from 'millrace';
${SCHEMA}
export class Launched extends FlowSpec {
  readonly text = param.file({ default: 'a.txt' });
  readonly bytes = param.file({ as: 'bytes', default: 'a.txt' });
  readonly rates = param.file<{ oslo: number }>({ as: 'yaml' });
  readonly absent = param.file({ optional: true });
  readonly size: number = param(lengthOf);
  readonly made = param.json<unknown>({ default: async (launch) => {
    appendFileSync('calls', 'x');
    return { ...launch, configs: { ...launch.configs }, now: launch.now.getTime() };
  } });
  seen: unknown[] = [];

  @step start() {
    rmSync('a.txt', { force: true });
    rmSync('rates.yaml', { force: true });
    this.next(this.middle);
  }
  @step middle() {
    if (process.env.BREAK === 'yes') throw new Error('broken');
    this.next(this.end);
  }
  @step end() {
    this.seen = [this.text, Buffer.from(this.bytes).toString(), this.rates, this.absent ?? null, this.size, this.made];
    try { (this.rates as { oslo: number }).oslo = 3; } catch (error) { this.seen.push(error.name); }
  }
}
`;

async function brokenRig(): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.write('flow.ts', FLOW);
  await rig.write('a.txt', 'héllo');
  await rig.write('rates.yaml', 'oslo: 0.5\n');
  const args = ['flow.ts', '--rates', 'rates.yaml', '--size', 'abc'];
  expect((await rig.run(args, { env: { BREAK: 'yes' } })).code).toBe(1);
  return rig;
}

describe('parameters of a launch', () => {
  it('are read and made once: later tasks and a resume see what files said then', async () => {
    await using rig = await brokenRig();
    await rig.write('a.txt', 'other');
    await rig.ok(['resume', 'flow.ts']);
    const { seen } = await rig.artifacts('latest/end');
    const now = expect.any(Number);
    expect(seen).toEqual([
      'héllo',
      'héllo',
      { oslo: 0.5 },
      null,
      3,
      { flowName: 'Launched', file: join(rig.dir, 'flow.ts'), cwd: rig.dir, configs: {}, now },
      'TypeError',
    ]);
    expect(readFileSync(join(rig.dir, 'calls'), 'utf8')).toBe('x');
  });

  it('are validated again by a resume, also those that a file or a schema made', async () => {
    await using rig = await brokenRig();
    await rig.write(
      'flow.ts',
      FLOW.replace('value.length < 9', 'value.length < 3').replace("as: 'bytes', ", ''),
    );
    const { code, stderr } = await rig.flow(['resume', 'flow.ts']);
    expect(code).toBe(2);
    expect(stderr).toContain("the origin's size: --size: too long");
    expect(stderr).toContain("the origin's bytes: its content is no text");
  });

  it('that are files which cannot be read or parsed are refused, with the place', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.write('rates.yaml', 'oslo: 1\noslo: 2\n');
    const { code, stderr } = await rig.flow([
      'run',
      'flow.ts',
      '--rates',
      'rates.yaml',
      '--size',
      'a',
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('the default of text: the file "a.txt" cannot be read (ENOENT)');
    expect(stderr).toContain(
      '--rates: the file is not YAML: rates.yaml:2:1: Map keys must be unique',
    );
  });
});
