import { describe, expect, it } from 'vitest';
import { step } from '../../../src/flow/decorators/step.ts';
import { FlowSpec } from '../../../src/flow/flow-spec.ts';
import { attachHost, type StepHost } from '../../../src/flow/step-host.ts';
import { parseTransition } from '../../../src/flow/transition.ts';

class Flow extends FlowSpec {
  items = [1, 2];
  size: 'small' | 'big' = 'big';

  @step start() {}
  @step work() {}
  @step join() {}
  @step end() {}
  helper() {}
}

class Narrowed extends Flow {
  override work() {}
}

const flow = new Flow();
const parse = (...args: readonly unknown[]) => parseTransition(flow, args);

describe('parseTransition', () => {
  it('finds steps by the identity of their methods', () => {
    expect(parse(flow.work)).toEqual({ kind: 'next', to: ['work'] });
    expect(parse(flow.work, flow.join)).toEqual({ kind: 'next', to: ['work', 'join'] });
  });

  it('finds overridden and overriding methods under the one name', () => {
    const narrowed = new Narrowed();
    expect(parseTransition(narrowed, [narrowed.work])).toEqual({ kind: 'next', to: ['work'] });
    expect(parseTransition(narrowed, [Flow.prototype.work])).toEqual({
      kind: 'next',
      to: ['work'],
    });
  });

  it('reads a foreach by value and by field', () => {
    const expected = { kind: 'foreach', to: 'work', items: [1, 2] };
    expect(parse(flow.work, { foreach: flow.items })).toEqual(expected);
    expect(parse(flow.work, { foreach: 'items' })).toEqual(expected);
  });

  it('reads a switch by value and by field, cases in order', () => {
    const cases = { small: flow.work, big: flow.end };
    const expected = {
      kind: 'switch',
      cases: [
        { label: 'small', to: 'work' },
        { label: 'big', to: 'end' },
      ],
      condition: 'big',
    };
    expect(parse(cases, { condition: 'big' })).toEqual(expected);
    expect(parse(cases, { condition: 'size' })).toEqual(expected);
    expect(parse(cases, { condition: 'huge' })).toEqual({ ...expected, condition: 'huge' });
  });

  it('reads a gang', () => {
    expect(parse(flow.work, { numParallel: 3 })).toEqual({ kind: 'gang', to: 'work', size: 3 });
  });

  it.each([
    [[], 'this.next was called without a step', undefined],
    [[undefined], 'this.next was given undefined, which is not a step', undefined],
    [['wrok'], 'this.next was given the text "wrok", which is not a step', 'did you mean "work"?'],
    [['work'], 'this.next was given the text "work"', 'pass the method itself: this.work'],
    [[flow.helper], 'this.next was given the method "helper", which is not a step', undefined],
    [[flow.work.bind(flow)], 'a function that is not a method of the flow', undefined],
    [[flow.work, flow.work], 'this.next names the step "work" twice', undefined],
    [[flow.work, { forEach: [] }], 'has no option "forEach"', 'did you mean "foreach"?'],
    [[flow.work, {}], 'needs one of the options foreach, numParallel', undefined],
    [[flow.work, { foreach: [], numParallel: 2 }], 'needs only one of the options', undefined],
    [[flow.work, flow.end, { foreach: [] }], 'was given options and 2 steps', undefined],
    [[flow.work, { foreach: [], keys: 1 }], 'has no option "keys" here', 'did you mean "key"?'],
    [[flow.work, { foreach: [], key: 'id' }], 'the key "id", which is not a function', undefined],
    [[flow.work, { numParallel: 2, key: String }], 'a key with numParallel', undefined],
    [[flow.work, { foreach: 'itmes' }], 'the flow has no such field', 'did you mean "items"?'],
    [[flow.work, { numParallel: 0 }], 'numParallel is 0', undefined],
    [[{ a: flow.work }], 'cases without a condition', undefined],
    [[{}, { condition: 1 }], 'a switch without a case', undefined],
    [[{ a: 1 }, { condition: 'a' }], 'this.next was given 1, which is not a step', undefined],
  ])('refuses %j', (args, message, hint) => {
    let thrown: unknown;
    try {
      parse(...args);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ message: expect.stringContaining(message) });
    if (hint !== undefined) expect(thrown).toMatchObject({ hint });
  });
});

describe('a flow with a host', () => {
  it('hands everything to it, and does not show it among its fields', () => {
    const calls: unknown[] = [];
    const host: StepHost = {
      next: (args) => calls.push(args),
      merge: (inputs, options) => calls.push([inputs, options]),
      input: 'item',
      index: 3,
      stack: [{ step: 'start', index: 3, size: 5, item: 'item' }],
    };
    const hosted = new Flow();
    attachHost(hosted, host);
    hosted.next(hosted.work);
    hosted.mergeArtifacts([], { include: ['a'] });
    expect(calls).toEqual([[hosted.work], [[], { include: ['a'] }]]);
    expect([hosted.input, hosted.index, hosted.foreachStack()]).toEqual(['item', 3, host.stack]);
    expect(Object.keys(hosted)).toEqual(['items', 'size']);
    expect(Object.getOwnPropertySymbols(Object.assign({}, hosted))).toEqual([]);
  });
});
