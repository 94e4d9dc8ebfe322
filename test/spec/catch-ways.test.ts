import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

/** `start` is a switch that fails like this. */
const switched = (decorators: string, body: string, small = '') => `
  import { FlowSpec, step, timeout, catchError, retry } from 'millrace';
  export class Switched extends FlowSpec {
    before = 'before'; way = ''; size: 'small' | 'big' = 'small'; problem: any;
    @step start() { this.before = 'start'; this.next(this.choose); }
    ${decorators} @step async choose() {
      this.before = 'lost'; ${body};
      this.next({ small: this.small, big: this.big }, { condition: this.size });
    }
    @step small() { ${small}; this.way = 'small'; this.next(this.end); }
    @step big() { this.way = 'big'; this.next(this.end); }
    @step end() { this.way += ' ' + this.problem?.kind + ' ' + this.before; }
  }`;

const fanned = (decorators: string, body: string) => `
  import { FlowSpec, step, catchError, type Inputs } from 'millrace';
  export class Fanned extends FlowSpec {
    kept = 'kept'; count = -1; problem: any; one = 0;
    @step start() { this.next(this.split); }
    ${decorators} @step split() { this.kept = 'lost'; ${body}; this.next(this.work, { foreach: [1, 2, 3] }); }
    @step work(n: number) { this.one = n; this.next(this.join); }
    @step join(inputs: Inputs<Fanned>) { this.count = inputs.length; this.next(this.end); }
    @step end() { console.log(this.problem?.message ?? this.problem?.kind, this.kept, this.count); }
  }`;

describe('@catchError on a switch', () => {
  it.each([
    { after: 'an exception', body: `throw new Error('x')`, kind: 'user-error' },
    { after: 'an exit', body: 'process.exit(3)', kind: 'exit' },
    { after: 'a timeout', body: 'for (;;) {}', kind: 'timeout', more: `@timeout('300ms')` },
  ])('takes the case that it names after $after, from the inputs', async (one) => {
    await using rig = await FlowRig.create();
    const decorators = `@catchError('problem', { take: 'big' }) ${one.more ?? ''}`;
    await rig.write('flow.ts', switched(decorators, one.body));
    const { code, events } = await rig.run(['flow.ts', '--grace', '200ms']);
    expect(code).toBe(0);
    expect((await rig.artifacts('latest/end'))['way']).toBe(`big ${one.kind} start`);
    expect(events.map((event) => ('step' in event ? event.step : ''))).not.toContain('small');
  });

  it('is asked only after the last retry', async () => {
    await using rig = await FlowRig.create();
    const decorators = `@catchError('problem', { take: 'big' }) @retry({ times: 1, backoff: { initial: '1ms' } })`;
    await rig.write('flow.ts', switched(decorators, `throw new Error('x')`));
    const { events } = await rig.run(['flow.ts']);
    const kinds = events.flatMap((event) =>
      event.type === 'task.failed' ? [event.then.kind] : [],
    );
    expect(kinds).toEqual(['retry', 'catch']);
  });

  it('is refused by flow check where it names no case, or one that is not there', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', switched(`@catchError('problem')`, ''));
    const open = await rig.flow(['check', 'flow.ts']);
    expect(open.code).toBe(1);
    expect(open.stderr + open.stdout).toMatch(/flow\.ts:6:\d+: error\[catch-way-on\]/);
    expect(open.stderr + open.stdout).toContain("write @catchError('problem', { take: 'small' })");
    await rig.write('flow.ts', switched(`@catchError('problem', { take: 'bgi' })`, ''));
    const wrong = await rig.flow(['run', 'flow.ts']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('did you mean "big"?');
  });

  it('counts as done: a resume takes the caught failure and its way over', async () => {
    await using rig = await FlowRig.create();
    const decorators = `@catchError('problem', { take: 'small' })`;
    await rig.write(
      'flow.ts',
      switched(decorators, `throw new Error('x')`, `throw new Error('y')`),
    );
    expect((await rig.run(['flow.ts'])).code).toBe(1);
    await rig.write('flow.ts', switched(decorators, `throw new Error('x')`));
    const { code, events } = await rig.flow(['resume', 'flow.ts', '--json']);
    expect(code).toBe(0);
    const cloned = events.flatMap((event) => (event.type === 'task.cloned' ? [event.step] : []));
    expect(cloned).toEqual(['start', 'choose']);
    expect((await rig.artifacts('latest/end'))['way']).toBe('small user-error start');
  });
});

describe('@catchError on a foreach', () => {
  it('runs the join without inputs, after an exception and after a crash', async () => {
    await using rig = await FlowRig.create();
    const decorator = `@catchError('problem', { items: [] })`;
    await rig.write('threw.ts', fanned(decorator, `throw new Error('x')`));
    expect((await rig.ok(['run', 'threw.ts'])).stderr).toContain('x kept 0');
    await rig.write('crashed.ts', fanned(decorator, `process.kill(process.pid, 'SIGKILL')`));
    const { stderr } = await rig.ok(['run', 'crashed.ts']);
    expect(stderr).toContain('signal kept 0');
    expect(stderr).toContain('; caught → work × 0');
  });

  it('comes from --with, which is refused where it does not say what follows', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', fanned('', `throw new Error('x')`));
    const refused = await rig.flow(['run', 'flow.ts', '--with', 'catchError:problem']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('catchError:field=problem,items=[]');
    expect((await rig.ok(['runs', '--json'])).stdout.trim()).toBe('[]');
    const { stderr } = await rig.ok(['run', 'flow.ts', '--with', 'catchError:problem,items=[]']);
    expect(stderr).toContain('x kept 0');
  });

  it('says the same without decorators', async () => {
    await using rig = await FlowRig.create();
    const table = `static steps = { split: { catchError: { field: 'problem', items: [] } } };`;
    const text = fanned('', `throw new Error('x')`).replace(
      "kept = 'kept'",
      `${table} kept = 'kept'`,
    );
    await rig.write('flow.ts', text);
    expect((await rig.ok(['run', 'flow.ts'])).stderr).toContain('x kept 0');
    expect((await rig.ok(['show', 'flow.ts'])).stdout).toContain('@catchError(problem, items=[])');
  });
});
