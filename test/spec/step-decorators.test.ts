import { describe, expect, it } from 'vitest';
import type { Finished } from '../rig/flow-rig.ts';
import { FlowRig } from '../rig/flow-rig.ts';

/** A flow of one step in the middle, `told` holds who did what, in order. */
const told = (decorators: string, definitions: string, body = '') => `
  import { FlowSpec, step, stepDecorator, retry, timeout, catchError, current } from 'millrace';
  const tell = (task: any, what: string) => { task.flow.told = [...task.flow.told, what]; };
  ${definitions}
  export class Told extends FlowSpec {
    told: string[] = [];
    problem: any;
    @step start() { this.next(this.work); }
    ${decorators} @step async work() { this.told = [...this.told, 'work']; ${body}; this.next(this.end); }
    @step end() {}
  }`;

const all = (name: string) => `
  const ${name} = stepDecorator({
    name: '${name}',
    before: (task) => tell(task, '${name} before'),
    async around(task, run) { tell(task, '${name} in'); await run(); tell(task, '${name} out'); },
    after: async (task) => { await null; tell(task, '${name} after'); },
    onError: (task, error: any) => { tell(task, '${name} caught ' + error.message); },
  });`;

function failureOf({ events }: Finished) {
  const failed = events.find((event) => event.type === 'task.failed');
  return failed?.failure.kind === 'user-error' ? failed.failure : undefined;
}

async function toldAfter(flow: string): Promise<unknown> {
  await using rig = await FlowRig.create();
  await rig.write('flow.ts', flow);
  await rig.ok(['run', 'flow.ts']);
  return (await rig.artifacts('latest/end'))['told'];
}

describe('a step decorator of the flow’s own', () => {
  it('runs before, around and after the step, the first one outermost', async () => {
    const flow = told('@outer @inner', all('outer') + all('inner'));
    const expected = [
      'outer before',
      'outer in',
      'inner before',
      'inner in',
      'work',
      'inner out',
      'inner after',
      'outer out',
      'outer after',
    ];
    expect(await toldAfter(flow)).toEqual(expected);
    const legacy = flow.replace('@outer @inner @step async', 'async');
    const table = `static steps = { start: {}, work: { decorators: [outer, inner()] }, end: {} };`;
    const listed = legacy.replace('problem: any;', `problem: any; ${table}`);
    expect(await toldAfter(listed.replaceAll('@step', ''))).toEqual(expected);
  });

  it('works in the legacy call shape of decorators', async () => {
    await using rig = await FlowRig.create();
    await rig.write('tsconfig.json', '{"compilerOptions":{"experimentalDecorators":true}}');
    await rig.write('flow.ts', told('@outer', all('outer')));
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['told']).toContain('outer out');
  });

  it('gets its options, the step’s name and its argument', async () => {
    await using rig = await FlowRig.create();
    await rig.write(
      'flow.ts',
      `import { FlowSpec, step, stepDecorator, type Inputs } from 'millrace';
      const labelled = stepDecorator<{ label: string }>({
        name: 'labelled',
        after({ flow, options, step, argument }) { flow['seen'] = [step, options.label, argument].join(); },
      });
      export class Labelled extends FlowSpec {
        seen = '';
        all: string[] = [];
        @step start() { this.next(this.work, { foreach: ['a', 'b'] }); }
        @labelled({ label: 'x' }) @step work(_item: string) { this.next(this.join); }
        @step join(inputs: Inputs<Labelled>) { this.all = inputs.map((one) => one.seen); this.next(this.end); }
        @step end() {}
      }`,
    );
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['all']).toEqual(['work,x,a', 'work,x,b']);
    expect((await rig.ok(['show', 'flow.ts'])).stdout).toContain('@labelled(label="x")');
  });

  it('lets the run go on where onError returns, by the step’s one transition', async () => {
    const flow = told('@outer', all('outer'), `throw new Error('broken')`);
    expect(await toldAfter(flow)).toEqual([
      'outer before',
      'outer in',
      'work',
      'outer caught broken',
      'outer after',
    ]);
  });

  it('may handle an error in around, too; one that it did not wait for still counts', async () => {
    const patient = `const patient = stepDecorator({ name: 'patient',
      async around(task, run) { try { await run(); } catch { tell(task, 'handled'); } } });`;
    const broken = `throw new Error('broken')`;
    expect(await toldAfter(told('@patient', patient, broken))).toEqual(['work', 'handled']);
    await using rig = await FlowRig.create();
    const careless = `const careless = stepDecorator({ name: 'careless', around(_task, run) { run(); } });`;
    await rig.write('flow.ts', told('@careless', careless, `await null; ${broken}`));
    const finished = await rig.run(['flow.ts']);
    expect(finished.code).toBe(1);
    expect(failureOf(finished)).toMatchObject({ message: 'broken' });
    expect(failureOf(finished)).not.toHaveProperty('decorator');
  });

  it('is named where its own code fails, and not where the step does', async () => {
    await using rig = await FlowRig.create();
    const strict = `const strict = stepDecorator({ name: 'strict', after() { throw new TypeError('not so'); } });`;
    await rig.write('flow.ts', told('@strict', strict));
    const own = await rig.run(['flow.ts']);
    expect(failureOf(own)).toMatchObject({ decorator: 'strict', message: 'not so' });
    const { stderr } = await rig.flow(['run', 'flow.ts']);
    expect(stderr).toContain('@strict: TypeError: not so');
    expect(stderr).toMatch(/flow\.ts:4:/);
    await rig.write('flow.ts', told('@strict', strict, `throw new Error('of the step')`));
    expect(failureOf(await rig.run(['flow.ts']))).not.toHaveProperty('decorator');
  });

  it('belongs to the attempt: it is retried, timed and caught with it', async () => {
    const flaky = `const flaky = stepDecorator({ name: 'flaky',
      before(task) { tell(task, 'try' + current.attempt); if (current.attempt < 2) throw new Error('again'); } });`;
    const retried = told(`@retry({ times: 1, backoff: { initial: '1ms' } }) @flaky`, flaky);
    expect(await toldAfter(retried)).toEqual(['try2', 'work']);
    await using rig = await FlowRig.create();
    const slow = `const slow = stepDecorator({ name: 'slow', before: () => new Promise((resolve) => setTimeout(resolve, 60_000)) });`;
    await rig.write('flow.ts', told(`@timeout('200ms') @catchError('problem') @slow`, slow));
    await rig.ok(['run', 'flow.ts', '--grace', '50ms']);
    expect((await rig.artifacts('latest/end'))['problem']).toMatchObject({ kind: 'timeout' });
  });

  it('is checked with the flow: unknown hooks, options against its schema', async () => {
    await using rig = await FlowRig.create();
    const hook = `const odd = stepDecorator({ name: 'odd', befor() {} } as any);`;
    await rig.write('flow.ts', told('@odd', hook));
    const typo = await rig.flow(['check', 'flow.ts']);
    expect(typo.code).toBe(2);
    expect(typo.stderr).toContain('stepDecorator "odd" has no "befor"');
    expect(typo.stderr).toContain('before');
    const schema = `const schema: any = { '~standard': { version: 1, vendor: 'test', validate: (value: any) =>
      typeof value?.size === 'number' ? { value } : { issues: [{ message: 'is no number', path: ['size'] }] } } };
      const sized = stepDecorator({ name: 'sized', options: schema, before() {} });`;
    await rig.write('flow.ts', told(`@sized({ size: 'big' })`, schema));
    const options = await rig.flow(['check', 'flow.ts', '--json']);
    expect(options.code).toBe(1);
    expect(options.stdout).toContain('@sized: size: is no number');
  });
});

const ways = (transition: string, hook: string) => `
  import { FlowSpec, step, stepDecorator, type Inputs } from 'millrace';
  const skipped = stepDecorator({ name: 'skipped', ${hook} });
  export class Ways extends FlowSpec {
    size: 'small' | 'big' = 'small';
    items: number[] = [1];
    went = '';
    @skipped @step start() { this.went = 'start'; ${transition} }
    @step small() { this.went += ' small'; this.next(this.end); }
    @step big() { this.went += ' big'; this.next(this.end); }
    @step each(_item: number) { this.next(this.join); }
    @step join(inputs: Inputs<Ways>) { this.went = 'joined ' + inputs.length; this.next(this.end); }
    @step end() {}
  }`;
const aSwitch = `this.next({ small: this.small, big: this.big }, { condition: this.size });`;
const without = (flow: string, ...steps: string[]) =>
  flow
    .split('\n')
    .filter((line) => !steps.some((step) => line.includes(`@step ${step}(`)))
    .join('\n');

describe('a step that its decorator skips', () => {
  it('takes its one transition, with what the decorator put in its place', async () => {
    const hook = `around(task) { tell(task, 'instead ' + task.isSkipped); }, after(task) { tell(task, 'after ' + task.isSkipped); }`;
    const instead = `const instead = stepDecorator({ name: 'instead', ${hook} });`;
    const flow = told('@outer @instead @inner', all('outer') + all('inner') + instead);
    expect(await toldAfter(flow)).toEqual([
      'outer before',
      'outer in',
      'instead false',
      'after true',
      'outer out',
      'outer after',
    ]);
  });

  it('goes the way that the decorator says at a switch or a foreach', async () => {
    await using rig = await FlowRig.create();
    const before = (way: string) => `before(task) { task.skip(${way}); }`;
    await rig.write('flow.ts', without(ways(aSwitch, before(`{ take: 'big' }`)), 'each', 'join'));
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['went']).toBe(' big');
    const foreach = `this.next(this.each, { foreach: this.items });`;
    await rig.write('flow.ts', without(ways(foreach, before('{ items: [] }')), 'small', 'big'));
    await rig.ok(['run', 'flow.ts']);
    expect((await rig.artifacts('latest/end'))['went']).toBe('joined 0');
  });

  it('fails where there is a choice and the decorator made none, or one that is not there', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', without(ways(aSwitch, 'around() {}'), 'each', 'join'));
    const silent = failureOf(await rig.run(['flow.ts']));
    expect(silent).toMatchObject({ code: 'SKIP_UNDECIDED' });
    expect(silent?.hint).toContain(`task.skip({ take: 'small' | 'big' })`);
    const before = `before(task) { task.skip({ take: 'bigg' }); }`;
    await rig.write('flow.ts', without(ways(aSwitch, before), 'each', 'join'));
    expect(failureOf(await rig.run(['flow.ts']))).toMatchObject({ code: 'SWITCH_NO_CASE' });
    const after = `after(task) { task.skip(); }`;
    await rig.write('flow.ts', without(ways(aSwitch, after), 'each', 'join'));
    expect(failureOf(await rig.run(['flow.ts']))).toMatchObject({
      code: 'DECORATOR_MISUSE',
      decorator: 'skipped',
    });
  });
});
