import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { retry } from '../../../../src/flow/decorators/retry.ts';
import { step } from '../../../../src/flow/decorators/step.ts';
import { stepDecorator } from '../../../../src/flow/decorators/step-decorator.ts';
import { timeout } from '../../../../src/flow/decorators/timeout.ts';
import { FlowSpec } from '../../../../src/flow/flow-spec.ts';
import { flowMutator } from '../../../../src/flow/mutators/flow-mutator.ts';
import type { MutableFlow } from '../../../../src/flow/mutators/mutable-flow.ts';
import { mutateFlow } from '../../../../src/flow/mutators/mutate-flow.ts';
import { param } from '../../../../src/flow/parameters/param.ts';
import { describeFlow } from '../../../../src/flow/registry.ts';
import type { FlowClass } from '../../../../src/flow/steps.ts';

class Base extends FlowSpec {
  readonly city = param.string({ default: 'oslo' });
  readonly top = param.int({ default: 5 });
  rows = [1];
  declare readonly dryRun: boolean;

  @timeout('5m')
  @step
  start() {
    this.next(this.end);
  }
  @step end() {}
  helper() {}
}

/** A flow that these functions change, one after the other, and what a mutator came to. */
function mutated(...changes: ((flow: MutableFlow) => unknown)[]) {
  class Flow extends Base {
    static mutators = changes.map((change) =>
      flowMutator({ name: 'change', mutate: ({ flow }) => change(flow) }),
    );
  }
  return described(Flow);
}

function described(flow: FlowClass) {
  const mutation = mutateFlow(flow, flow.name);
  return { mutation, ...describeFlow(flow) };
}

const decorators = ({ steps }: ReturnType<typeof described>) =>
  Object.fromEntries(steps.map((found) => [found.name, found.decorators]));
const messages = ({ problems }: ReturnType<typeof described>) =>
  problems.map(({ message, hint }) => `${message} (${hint})`);

describe('a flow mutator', () => {
  it('adds and removes decorators, which then are the flow’s own', () => {
    const flow = mutated((one) => {
      expect(one.name).toBe('Flow');
      for (const each of one.steps) if (!each.has('timeout')) each.add(retry(1));
      expect(one.steps.map(({ name }) => name)).toEqual(['start', 'end']);
    });
    expect(decorators(flow)).toEqual({ start: ['timeout(5m)'], end: ['retry(times=1)'] });
    expect(flow.steps[1]?.policy.retry?.times).toBe(1);
    const removed = mutated((one) => {
      expect(one.step('start').remove('timeout')).toBe(true);
      expect(one.step('end').remove('timeout')).toBe(false);
    });
    expect(decorators(removed)).toEqual({ start: [], end: [] });
    expect(removed.steps[0]?.policy).toEqual({});
  });

  it('adds code around a step outside of what is there, or inside', () => {
    const a = stepDecorator({ name: 'a', before() {} });
    const b = stepDecorator<{ x: number }>({ name: 'b', before() {} });
    const flow = mutated((one) => {
      one.step('start').add(a);
      one.step('start').add(b({ x: 1 }), { place: 'inside' });
      one.step('start').add(a());
    });
    expect(decorators(flow)['start']).toEqual(['a', 'a', 'timeout(5m)', 'b(x=1)']);
  });

  it('adds and removes parameters', () => {
    const flow = mutated((one) => {
      one.addParameter('dryRun', param.boolean({ default: false }));
      one.removeParameter('city');
      expect(one.parameters).toEqual(['top', 'dryRun']);
    });
    expect(flow.parameters.map(({ name, kind }) => [name, kind])).toEqual([
      ['top', 'int'],
      ['dryRun', 'boolean'],
    ]);
    expect(flow.fields.map(({ name }) => name)).toEqual(['rows']);
    const again = mutated(
      (one) => one.removeParameter('city'),
      (one) => one.addParameter('city', param.int()),
    );
    expect(again.parameters.find(({ name }) => name === 'city')?.kind).toBe('int');
  });

  it('leaves the base class, and its other flows, as they are', () => {
    mutated((one) => {
      one.step('start').remove('timeout');
      one.removeParameter('top');
    });
    expect(decorators(described(Base))['start']).toEqual(['timeout(5m)']);
    expect(described(Base).parameters).toHaveLength(2);
    expect(described(Base).mutations).toBeUndefined();
  });

  it('runs once, however often the flow is asked for', () => {
    let runs = 0;
    class Flow extends Base {
      static mutators = [flowMutator({ name: 'counted', mutate: () => void (runs += 1) })];
    }
    described(Flow);
    described(Flow);
    expect(runs).toBe(1);
  });

  it('runs in source order, those of base classes first, decorators before the list', () => {
    const ran: string[] = [];
    const told = flowMutator<string>({
      name: 'told',
      mutate: ({ options }) => void ran.push(options),
    });
    @told('base first')
    @told('base second')
    class Parent extends Base {
      static mutators = [told('base listed')];
    }
    @told('own')
    class Child extends Parent {
      static override mutators = [told('listed'), told('listed last')];
    }
    described(Child);
    expect(ran).toEqual([
      'base first',
      'base second',
      'base listed',
      'own',
      'listed',
      'listed last',
    ]);
  });

  it('may stand without parentheses, in both call shapes', () => {
    const bare = flowMutator({
      name: 'bare',
      mutate: ({ flow }) => flow.addParameter('extra', param.int()),
    });
    @bare
    class Standard extends Base {}
    class Legacy extends Base {}
    expect(bare(Legacy)).toBeUndefined();
    class Optional extends Base {}
    flowMutator<{ a?: 1 } | undefined>({
      name: 'optional',
      mutate: ({ flow, options }) => flow.addParameter(`extra${options?.a}`, param.int()),
    })({ a: 1 })(Optional);
    const last = (flow: FlowClass) => described(flow).parameters.at(-1)?.name;
    expect([last(Standard), last(Legacy), last(Optional)]).toEqual(['extra', 'extra', 'extra1']);
  });

  it('gets what the schema makes of its options, and does not run on what that refuses', () => {
    const ran: number[] = [];
    const sized = flowMutator({
      name: 'sized',
      options: z.object({ size: z.number().default(7) }),
      mutate: ({ options }) => void ran.push(options.size),
    });
    @sized({})
    class Good extends Base {}
    described(Good);
    const wrong: object = { size: 'big' };
    class Bad extends Base {
      static mutators = [sized(wrong)];
    }
    expect(messages(described(Bad))[0]).toContain('@sized: size: Invalid input');
    expect(ran).toEqual([7]);
  });
});

describe('a flow mutator that does what cannot be', () => {
  it('is told all of it at once, at the class that it stands on', () => {
    const flow = mutated((one) => {
      one.step('strat').add(retry(1));
      one.step('start').add(timeout('1m'));
      for (const each of one.steps) each.add(retry(-1));
      one.step('end').add(() => {});
      one.addParameter('top', param.int());
      one.addParameter('rows', param.int());
      one.addParameter('helper', param.int());
      one.addParameter('no name', param.int());
      one.addParameter('good', 5);
      one.removeParameter('ctiy');
    });
    expect(new Set(messages(flow))).toMatchInlineSnapshot(`
      Set {
        "@change asks for the step "strat", which the flow does not have (did you mean "start"?)",
        "@change adds @timeout(1m) to "start", which has @timeout(5m) (ask step.has('timeout') first, or call step.remove('timeout'))",
        "@change adds a decorator that is wrong: @retry: times is -1 (times is how often to try again: 0, 1, 2, …)",
        "@change adds something to a step that is no step decorator (give it a decorator with its options, e.g. retry({ times: 2 }))",
        "@change adds the parameter "top", which is there already (give it another name, or a field that is declared without a value)",
        "@change adds the parameter "rows", which is a field that has a value (give it another name, or a field that is declared without a value)",
        "@change adds the parameter "helper", which is a method or an accessor of the flow (give it another name, or a field that is declared without a value)",
        "@change adds the parameter "no name", which is no name (give it another name, or a field that is declared without a value)",
        "@change adds the parameter "good" without saying what it is (write flow.addParameter('good', param.string()))",
        "@change removes the parameter "ctiy", which the flow does not have (did you mean "city"?)",
      }
    `);
    expect(new Set(flow.problems.map(({ code }) => code))).toEqual(new Set(['bad-mutator']));
    expect(flow.problems.every(({ classIndex }) => classIndex === 0)).toBe(true);
    expect(decorators(flow)).toEqual({ start: ['timeout(5m)'], end: [] });
    expect(flow.parameters).toHaveLength(2);
  });

  it('says which class of the chain it is', () => {
    class Parent extends Base {
      static mutators = [flowMutator({ name: 'odd', mutate: ({ flow }) => void flow.step('no') })];
    }
    class Child extends Parent {}
    expect(described(Child).problems).toMatchObject([{ classIndex: 1 }]);
  });

  it('throws with its own error as the cause', () => {
    const cause = new TypeError('boom');
    const change = () => {
      throw cause;
    };
    expect(() => mutated(change)).toThrow(
      expect.objectContaining({ code: 'MUTATOR_THREW', cause, details: { mutator: 'change' } }),
    );
  });

  it('must not be async, and cannot go on after it has returned', async () => {
    let late: Promise<void> = Promise.resolve();
    const flow = mutated((one) => {
      const going = (async () => {
        await Promise.resolve();
        one.removeParameter('city');
      })();
      late = going;
      return going;
    });
    expect(messages(flow)).toEqual([expect.stringContaining('@change returned a promise')]);
    await expect(late).rejects.toMatchObject({ code: 'MUTATOR_ENDED' });
    expect(flow.parameters).toHaveLength(2);
  });

  it('is refused where it is no mutator at all', () => {
    class Listed extends Base {
      static mutators = [retry(1)];
    }
    class Lone extends Base {
      static mutators = { hardened: true };
    }
    for (const flow of [Listed, Lone]) {
      expect(messages(described(flow))).toEqual([expect.stringContaining('no flow mutator')]);
    }
    const bare = flowMutator({ name: 'bare', mutate() {} });
    class NoFlow extends Map {}
    const call = { code: 'BAD_DECORATOR' };
    expect(() => Reflect.apply(bare, undefined, [NoFlow, { kind: 'class' }])).toThrow(
      expect.objectContaining(call),
    );
    expect(() => Reflect.apply(bare, undefined, [NoFlow])).toThrow(expect.objectContaining(call));
    for (const wrong of [{ name: 'x y', mutate() {} }, { name: 'x' }, undefined]) {
      expect(() => Reflect.apply(flowMutator, undefined, [wrong])).toThrow(
        expect.objectContaining({
          message: expect.stringContaining('a name and a function mutate'),
        }),
      );
    }
    const typo = { name: 'x', mutate() {}, option: {} };
    expect(() => flowMutator(typo)).toThrow('flowMutator has no "option"');
  });
});

describe('the digests of what mutators made', () => {
  const digests = (...changes: ((flow: MutableFlow) => unknown)[]) =>
    mutated(...changes).mutations ?? {};

  it('are the same for the same changes, and name what was changed', () => {
    const change = (flow: MutableFlow) => {
      flow.step('start').add(retry(1));
      flow.addParameter('extra', param.int({ default: 1 }));
    };
    expect(digests(change)).toEqual(digests(change));
    expect(Object.keys(digests(change))).toEqual(['the step "start"', 'the parameter "extra"']);
    expect(digests()).toEqual({});
    expect(digests(() => {})).toEqual({});
  });

  it('differ with every detail', () => {
    const labelled = stepDecorator<object>({ name: 'labelled', before() {} });
    const onStart = (change: (start: ReturnType<MutableFlow['step']>) => void) =>
      digests((flow) => change(flow.step('start')))['the step "start"'];
    const long = 'x'.repeat(100);
    const all = [
      onStart((start) => start.add(retry(1))),
      onStart((start) => start.add(retry(2))),
      onStart((start) => start.remove('timeout')),
      onStart((start) => start.add(labelled({ long, a: 1 }))),
      onStart((start) => start.add(labelled({ long, a: 2 }))),
      onStart((start) => start.add(labelled({ long, a: 2 }), { place: 'inside' })),
      onStart((start) => start.add(labelled({ big: 1n }))),
      digests((flow) => flow.addParameter('a', param.int()))['the parameter "a"'],
      digests((flow) => flow.addParameter('a', param.int({ min: 1 })))['the parameter "a"'],
      digests((flow) => flow.removeParameter('top'))['the parameter "top"'],
    ];
    expect(all.every((digest) => typeof digest === 'string')).toBe(true);
    expect(new Set(all).size).toBe(all.length);
  });
});
