import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finished, FlowRig } from '../rig/flow-rig.ts';

const chain = (work: string) => `
  import { FlowSpec, step, stepDecorator } from 'millrace';
  const traced = stepDecorator({ name: 'traced', before({ flow }) { flow['trace'] = [...(flow['trace'] as string[]), 'own']; } });
  export class Chain extends FlowSpec {
    trace: string[] = [];
    @step start() { this.next(this.work); }
    ${work}
    @step end() {}
  }`;
const plain = '@step work() { this.next(this.end); }';

const trace = `
  import { stepDecorator } from 'millrace';
  export const traced = stepDecorator<{ label: string } | undefined>({
    name: 'traced',
    before({ flow, step, options }) {
      flow['trace'] = [...(flow['trace'] as string[]), step + (options?.label ?? '')];
    },
  });
  const schema = { '~standard': { version: 1 as const, vendor: 'test', validate: () => ({ issues: [{ message: 'never right' }] }) } };
  export const strict = stepDecorator({ name: 'strict', options: schema, before() {} });
  export const other = 1;`;

function startOf({ events }: Finished) {
  const [event] = events;
  return event?.type === 'run.started' ? event : undefined;
}

async function chainRig(work = plain): Promise<FlowRig> {
  const rig = await FlowRig.create();
  await rig.write('flow.ts', chain(work));
  await rig.write('lib/trace.ts', trace);
  return rig;
}

describe('--with module:name', () => {
  it('puts a decorator around every step that has none of its name', async () => {
    await using rig = await chainRig(plain.replace('@step', '@traced @step'));
    await rig.ok(['run', 'flow.ts', '--with', './lib/trace.ts:traced']);
    expect((await rig.artifacts('latest/end'))['trace']).toEqual(['start', 'own', 'end']);
  });

  it('takes options as JSON, and is part of the code’s digest', async () => {
    await using rig = await chainRig();
    const bare = await rig.run(['flow.ts']);
    const traced = await rig.run(['flow.ts', '--with', './lib/trace.ts:traced={"label":"!"}']);
    expect((await rig.artifacts('latest/end'))['trace']).toEqual(['start!', 'work!', 'end!']);
    const again = await rig.run(['flow.ts', '--with', './lib/trace.ts:traced={"label":"!"}']);
    const louder = await rig.run(['flow.ts', '--with', './lib/trace.ts:traced={"label":"!!"}']);
    const codes = [bare, traced, again, louder].map((run) => startOf(run)?.code);
    expect(codes[1]).toBe(codes[2]);
    expect(new Set(codes).size).toBe(3);
  });

  it('is recorded, and added again by a resume from any folder', async () => {
    await using rig = await chainRig(
      `@step work() { throw new Error('broken'); this.next(this.end); }`,
    );
    const failed = await rig.run([
      'flow.ts',
      '--with',
      './lib/trace.ts:traced',
      '--with',
      'retry:0',
    ]);
    expect(startOf(failed)?.with).toEqual([`${join(rig.dir, 'lib/trace.ts')}:traced`, 'retry:0']);
    await rig.write('flow.ts', chain(plain));
    await mkdir(join(rig.dir, 'elsewhere'));
    const cwd = join(rig.dir, 'elsewhere');
    const resumed = await rig.flow(['resume', '../flow.ts', '--json', '--with', 'retry:1'], {
      cwd,
    });
    expect(resumed.code).toBe(0);
    expect(startOf(resumed)?.with).toEqual([`${join(rig.dir, 'lib/trace.ts')}:traced`, 'retry:1']);
    expect((await rig.artifacts('latest/end'))['trace']).toEqual(['start', 'work', 'end']);
  });

  it('comes from an installed package, too', async () => {
    await using rig = await chainRig();
    await rig.write('package.json', '{}');
    await rig.write('node_modules/tracing/package.json', '{"version":"1.0.0","main":"index.js"}');
    // A package brings a copy of its own; here it borrows the one that the worker offers.
    const text = trace
      .split('export const other')[0]
      ?.replace(/<[^>]+>|as string\[\]|as const/g, '');
    await rig.write(
      'node_modules/tracing/index.js',
      `${text?.replace(`import { stepDecorator } from 'millrace'`, `const { stepDecorator } = globalThis[Symbol.for('millrace.api')]`).replaceAll('export const ', 'exports.')}`,
    );
    await rig.ok(['run', 'flow.ts', '--with', 'tracing:traced']);
    expect((await rig.artifacts('latest/end'))['trace']).toEqual(['start', 'work', 'end']);
  });

  it.each([
    ['./lib/trac.ts:traced', 'there is no such file', 'did you mean "trace.ts"?'],
    ['./lib/trace.ts', 'does not say which decorator', './lib/trace.ts:NAME'],
    ['./lib/trace.ts:trased', 'exports no step decorator of that name', 'did you mean "traced"?'],
    ['./lib/trace.ts:other', 'exports no step decorator of that name', 'it exports strict, traced'],
    ['./lib/trace.ts:traced={label}', 'are no JSON', '{"label":"x"}'],
    ['./lib/trace.ts:strict={"a":1}', 'never right', 'as JSON'],
    ['tracing-kit:traced', 'which is not installed', 'install'],
    ['retri:times=2', 'knows no decorator "retri"', 'did you mean "retry"?'],
  ])('refuses %s before anything is stored', async (text, message, hint) => {
    await using rig = await chainRig();
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--with', text]);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(code).toBe(2);
    expect((await rig.ok(['runs', '--json'])).stdout).toBe('[]\n');
  });
});
