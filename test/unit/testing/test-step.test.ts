import { current, FlowError, FlowSpec, type Inputs, param, retry, step, timeout } from 'millrace';
import { testStep } from 'millrace/testing';
import { describe, expect, it } from 'vitest';
// oxlint-disable no-console -- what steps print is looked at
import { createDeferred } from '../../../src/base/deferred.ts';

class Weather extends FlowSpec {
  readonly top = param.int({ default: 2, min: 1 });
  readonly city = param.choice(['oslo', 'rome'], { default: 'oslo' });
  cities = ['oslo', 'rome'];
  name = '';
  mean = 0;
  note?: string = 'none';
  warmest: string[] = [];
  seen: unknown;

  @step start() {
    this.cities.push('bergen');
    this.next(this.average, { foreach: this.cities });
  }

  @retry({ times: 3 })
  @timeout('1m')
  @step
  async average(name: string) {
    await Promise.resolve();
    if (name === 'nowhere') throw new RangeError(`no city ${name}`, { cause: 'the map' });
    console.log('average of', name);
    console.error('careful');
    process.stdout.write('written\n');
    this.name = name;
    this.mean = name.length;
    this.seen = [this.index, this.foreachStack().length, current.taskId, current.attempt];
    delete this.note;
    this.next(this.join);
  }

  @step join(inputs: Inputs<Weather>) {
    this.warmest = inputs.map((input) => input.name).slice(0, this.top);
    this.seen = [this.cities.length, inputs.length];
    this.next(this.end);
  }

  @step end() {}
}

class Branches extends FlowSpec {
  size: 'small' | 'big' = 'small';
  x = 0;
  y = 0;
  seen: unknown;
  @step start() {
    this.next(this.left, this.right);
  }
  @step left() {
    this.x = 1;
    this.next(this.meet);
  }
  @step right() {
    this.y = 2;
    this.next(this.meet);
  }
  @step meet(inputs: Inputs<Branches>) {
    this.mergeArtifacts(inputs);
    this.seen = [inputs.left.x, inputs.right.y];
    this.next(this.choose);
  }
  @step choose() {
    this.next({ small: this.end, big: this.work }, { condition: this.size });
  }
  @step work() {
    this.next(this.train, { numParallel: 3 });
  }
  @step train() {
    this.seen = current.parallel;
    this.next(this.collect);
  }
  @step collect(_inputs: Inputs<Branches>) {
    this.next(this.end);
  }
  @step end() {}
}

describe('a step that is tested', () => {
  it('tells what it set, what it deleted and where it went', async () => {
    const tested = await testStep(Weather, 'average', { item: 'oslo' });
    expect(tested).toMatchObject({
      status: 'succeeded',
      artifacts: { name: 'oslo', mean: 4, seen: [0, 1, '0', 1] },
      deleted: ['note'],
      next: { kind: 'next', to: ['join'] },
    });
    expect(Object.keys(tested.artifacts).toSorted()).toEqual(['mean', 'name', 'seen']);
    expect(tested.data).toMatchObject({ cities: ['oslo', 'rome'], top: 2, mean: 4 });
    expect(tested.data.note).toBeUndefined();
  });

  it('keeps what it prints, and prints nothing', async () => {
    const tested = await testStep(Weather, 'average', { item: 'oslo' });
    expect(tested.stdout).toBe('average of oslo\nwritten\n');
    expect(tested.stderr).toBe('careful\n');
  });

  it('starts with what the artifacts say, and else with the initial values', async () => {
    const tested = await testStep(Weather, 'start', { artifacts: { cities: ['rome'] } });
    expect(tested.next).toEqual({ kind: 'foreach', to: 'average', items: ['rome', 'bergen'] });
    expect(tested.artifacts).toMatchObject({ cities: ['rome', 'bergen'], mean: 0 });
    const bare = await testStep(Branches, 'choose', { artifacts: { size: undefined } });
    expect(bare).toMatchObject({ status: 'failed', failure: { code: 'SWITCH_NO_CASE' } });
  });

  it('gives the error that it threw, and the failure that a run would record', async () => {
    const tested = await testStep(Weather, 'average', { item: 'nowhere' });
    expect(tested.error).toBeInstanceOf(RangeError);
    expect(tested.failure).toMatchObject({ kind: 'user-error', message: 'no city nowhere' });
    expect(tested.next).toBeUndefined();
  });

  it('takes the inputs of a join of a foreach as a list, in order', async () => {
    const inputs = [{ name: 'rome' }, { name: 'oslo' }, { name: 'bergen' }];
    const tested = await testStep(Weather, 'join', { inputs, artifacts: { cities: [] } });
    expect(tested.artifacts).toMatchObject({ warmest: ['rome', 'oslo'], seen: [0, 3] });
    const more = await testStep(Weather, 'join', { inputs, parameters: { top: 3 } });
    expect(more.artifacts.warmest).toHaveLength(3);
  });

  it('takes the inputs of a join of branches by name, and merges them as a run does', async () => {
    const inputs = { right: { y: 7 }, left: { x: 5 } };
    const tested = await testStep(Branches, 'meet', { inputs });
    expect(tested.artifacts).toMatchObject({ x: 5, y: 7, seen: [5, 7] });
    const conflict = { left: { x: 1 }, right: { x: 2 } };
    const refused = await testStep(Branches, 'meet', { inputs: conflict });
    expect(refused.failure).toMatchObject({ message: expect.stringContaining('x') });
  });

  it('tells the case of a switch and the size of a gang', async () => {
    const chosen = await testStep(Branches, 'choose', { artifacts: { size: 'big' } });
    expect(chosen.next).toEqual({ kind: 'switch', case: 'big', to: 'work' });
    const { next } = await testStep(Branches, 'work');
    expect(next).toEqual({ kind: 'gang', to: 'train', size: 3 });
  });

  it('shows what is given of `current`', async () => {
    const controller = new AbortController();
    class Facts extends FlowSpec {
      seen: unknown;
      @step start() {
        const { attempt, taskId, runId, tags, signal } = current;
        const before = signal.aborted;
        controller.abort(new Error('enough'));
        this.seen = [attempt, taskId, runId, tags, before, signal.aborted];
        this.next(this.end);
      }
      @step end() {}
    }
    const facts = { attempt: 2, runId: '1m7ypzdwvz4ne', tags: ['nightly'] };
    const { artifacts } = await testStep(Facts, 'start', {
      current: { ...facts, taskId: '0', signal: controller.signal },
    });
    expect(artifacts.seen).toEqual([2, '0', '1m7ypzdwvz4ne', ['nightly'], false, true]);
    const stack = await testStep(Weather, 'average', {
      item: 'oslo',
      current: { foreachStack: [{ index: 3, size: 9 }] },
    });
    expect(stack.artifacts.seen).toEqual([3, 1, '3', 1]);
    const gang = await testStep(Branches, 'train', {
      current: { parallel: { index: 1, size: 4 } },
    });
    expect(gang.artifacts.seen).toMatchObject({ index: 1, size: 4, isControl: false });
  });

  it('says at once what no run would start', async () => {
    await expect(testStep(Weather, 'averge' as 'average')).rejects.toThrow(/no step "averge"/);
    const refused = [
      testStep(Weather, 'join'),
      testStep(Weather, 'end', { item: 'x' }),
      testStep(Weather, 'join', { inputs: { average: {} } }),
      testStep(Branches, 'meet', { inputs: [{}] }),
      testStep(Branches, 'meet', { inputs: { start: {} } }),
      testStep(Weather, 'start', { inputs: [] }),
      testStep(Weather, 'end', { current: { taskId: 'x' } }),
      testStep(Weather, 'end', { current: { parallel: { index: 0, size: 1 } } }),
    ];
    for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'TEST_GIVEN' });
    const wrong = testStep(Weather, 'end', { parameters: { top: 0 } });
    await expect(wrong).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
    const nothing: { readonly Weather?: typeof Weather } = {};
    const none = testStep(nothing.Weather as typeof Weather, 'start');
    await expect(none).rejects.toMatchObject({ code: 'FLOW_NOT_FOUND' });
    class Broken extends FlowSpec {
      @step start() {}
      @step end() {}
    }
    await expect(testStep(Broken, 'start')).rejects.toMatchObject({
      code: 'FLOW_INVALID',
      message: expect.stringContaining('this.next'),
    });
    const run = testStep(Weather, 'end', { current: { runId: 'today' } });
    await expect(run).rejects.toMatchObject({ code: 'TEST_GIVEN' });
  });

  it('asks for a parameter that has no default', async () => {
    class Needs extends FlowSpec {
      readonly path = param.string();
      @step start() {
        this.next(this.end);
      }
      @step end() {}
    }
    const error = await testStep(Needs, 'start').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FlowError);
    expect(error).toMatchObject({ hint: 'give it: parameters: { path: … }' });
  });

  it('draws the items of an async iterable, up to the limit', async () => {
    class Endless extends FlowSpec {
      n = 0;
      @step start() {
        this.next(this.work, { foreach: numbers() });
      }
      @step work(n: number) {
        this.n = n;
        this.next(this.join);
      }
      @step join(_inputs: Inputs<Endless>) {
        this.next(this.end);
      }
      @step end() {}
    }
    async function* numbers() {
      for (let n = 0; n < 5; n += 1) yield n;
    }
    const { next } = await testStep(Endless, 'start');
    expect(next).toMatchObject({ kind: 'foreach', items: [0, 1, 2, 3, 4] });
    const few = await testStep(Endless, 'start', { maxSplits: 2 });
    expect(few.failure).toMatchObject({ code: 'TOO_MANY_SPLITS' });
  });

  it('takes back what it did to the process, and ends with process.exit alone', async () => {
    class Rude extends FlowSpec {
      @step start() {
        process.env['MILLRACE_RUDE'] = 'yes';
        this.next(this.end);
      }
      @step end() {
        try {
          process.exit(3);
        } catch {
          // A real exit cannot be caught.
        }
      }
    }
    await testStep(Rude, 'start');
    expect(process.env['MILLRACE_RUDE']).toBeUndefined();
    const ended = await testStep(Rude, 'end');
    expect(ended.failure).toEqual({ kind: 'exit', code: 3 });
  });

  it('has a `current` of its own, also while other steps run', async () => {
    const gate = createDeferred<void>();
    class Slow extends FlowSpec {
      seen: unknown;
      @step async start() {
        const before = current.attempt;
        if (before === 2) gate.resolve();
        await gate.promise;
        this.seen = [before, current.attempt];
        this.next(this.end);
      }
      @step end() {}
    }
    const both = await Promise.all(
      [1, 2].map((attempt) => testStep(Slow, 'start', { current: { attempt } })),
    );
    expect(both.map(({ artifacts }) => artifacts.seen)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(() => current.attempt).toThrow(/outside a running step/);
  });
});
