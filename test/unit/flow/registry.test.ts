import { describe, expect, it } from 'vitest';
import { catchError } from '../../../src/flow/decorators/catch-error.ts';
import { environment } from '../../../src/flow/decorators/environment.ts';
import { isolate } from '../../../src/flow/decorators/isolate.ts';
import { limit } from '../../../src/flow/decorators/limit.ts';
import { resources } from '../../../src/flow/decorators/resources.ts';
import { retry } from '../../../src/flow/decorators/retry.ts';
import { step } from '../../../src/flow/decorators/step.ts';
import { timeout } from '../../../src/flow/decorators/timeout.ts';
import { transient } from '../../../src/flow/decorators/transient.ts';
import { FLOW_SPEC, FlowSpec } from '../../../src/flow/flow-spec.ts';
import { param } from '../../../src/flow/parameters/param.ts';
import { describeFlow, findFlows } from '../../../src/flow/registry.ts';
import { isFlowError } from '../../../src/model/errors.ts';

class Base extends FlowSpec {
  readonly top = param.int({ default: 5, min: 1, help: 'how many' });
  rows: number[] = [];

  @step start() {
    this.next(this.work);
  }

  @retry({ times: 2, backoff: { initial: '1s', jitter: false } })
  @timeout('5m')
  @step
  work() {
    this.next(this.end);
  }

  @step() end() {}
}

class Derived extends Base {
  readonly city = param.choice(['seattle', 'new-york'], { default: 'seattle' });
  mean!: number;
  _scratch = 1;
  #secret = 2;
  @transient client = new Map();

  override work() {
    this.next(this.extra, { foreach: this.rows });
  }

  @catchError('mean')
  @environment({ TZ: 'UTC' })
  @resources({ cpu: 2, memory: '512 MB', hint: 'io' })
  @step
  async extra(_item: number) {
    this.mean = await Promise.resolve(this.#secret);
    this.next(this.end);
  }
}

describe('describeFlow', () => {
  it('lists steps in declaration order, base classes first, an override in the place of the original', () => {
    const { steps } = describeFlow(Derived);
    expect(steps.map(({ name, classIndex, arity }) => [name, classIndex, arity])).toEqual([
      ['start', 1, 0],
      ['work', 0, 0],
      ['end', 1, 0],
      ['extra', 0, 1],
    ]);
  });

  it('keeps the decorators of an overridden step that has none of its own', () => {
    const work = describeFlow(Derived).steps[1];
    expect(work?.policy).toEqual({
      retry: { times: 2, initialDelayMs: 1000, factor: 2, maxDelayMs: 600_000, jitter: false },
      timeoutMs: 300_000,
    });
    expect(work?.decorators).toEqual(['retry(times=2, initial=1s, jitter=false)', 'timeout(5m)']);
  });

  it('replaces them by those of a decorated override', () => {
    class Other extends Base {
      @retry(1) override work() {
        this.next(this.end);
      }
    }
    const { steps, problems } = describeFlow(Other);
    expect(problems).toEqual([]);
    expect(steps[1]?.decorators).toEqual(['retry(times=1)']);
  });

  it('gathers catch, environment and resources', () => {
    expect(describeFlow(Derived).steps[3]?.policy).toEqual({
      catch: { field: 'mean' },
      environment: { TZ: 'UTC' },
      resources: { cpu: 2, memoryBytes: 512_000_000, hint: 'io' },
    });
  });

  it('reads where a step runs', () => {
    class Apart extends FlowSpec {
      static steps = { end: { isolate: 'fresh' } };
      @isolate('process') @step start() {
        this.next(this.end);
      }
      end() {}
    }
    const { steps, problems } = describeFlow(Apart);
    expect(problems).toEqual([]);
    expect(steps.map(({ policy }) => policy.isolation)).toEqual(['process', 'fresh']);
    expect(steps.map(({ decorators }) => decorators)).toEqual([
      ['isolate(process)'],
      ['isolate(fresh)'],
    ]);
  });

  it('refuses a place that does not exist, with the one that was meant', () => {
    class Apart extends FlowSpec {
      static steps = { end: { isolate: 'frish' } };
      @step start() {
        this.next(this.end);
      }
      end() {}
    }
    expect(describeFlow(Apart).problems).toMatchObject([
      { code: 'bad-decorator', member: 'end', hint: expect.stringContaining('fresh') },
    ]);
  });

  it('reads limits: its own, a shared one, several', () => {
    class Limited extends FlowSpec {
      static steps = { end: { limit: { api: 2 } } };
      @limit(5) @step start() {
        this.next(this.work);
      }
      @limit('api', 2) @step work() {
        this.next(this.end);
      }
      end() {}
    }
    const { steps, problems } = describeFlow(Limited);
    expect(problems).toEqual([]);
    expect(steps.map(({ policy }) => policy.limits)).toEqual([
      [{ count: 5 }],
      [{ name: 'api', count: 2 }],
      [{ name: 'api', count: 2 }],
    ]);
    expect(steps.map(({ decorators }) => decorators)).toEqual([
      ['limit(5)'],
      ['limit(api=2)'],
      ['limit(api=2)'],
    ]);
  });

  it('gives the verbatim text of each class, the flow first', () => {
    const { name, classes } = describeFlow(Derived);
    expect(name).toBe('Derived');
    expect(classes.map((each) => each.name)).toEqual(['Derived', 'Base']);
    expect(classes[1]?.text).toContain('start()');
  });

  it('tells parameters from fields, and which fields are not kept', () => {
    const { parameters, fields } = describeFlow(Derived);
    expect(parameters).toEqual([
      { name: 'top', kind: 'int', help: 'how many', required: false, defaultText: '5', min: 1 },
      {
        name: 'city',
        kind: 'choice',
        required: false,
        defaultText: 'seattle',
        choices: ['seattle', 'new-york'],
      },
    ]);
    expect(fields).toEqual([
      { name: 'rows', initialised: true, transient: false },
      { name: 'mean', initialised: false, transient: false },
      { name: '_scratch', initialised: true, transient: true },
      { name: 'client', initialised: true, transient: true },
    ]);
  });

  it('is plain JSON', () => {
    const definition = describeFlow(Derived);
    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
  });

  it('reads static steps as it reads decorators', () => {
    class Plain extends FlowSpec {
      static steps = { start: {}, work: { retry: { times: 2 }, timeout: '1m' }, end: {} };
      start() {
        this.next(this.work);
      }
      work() {
        this.next(this.end);
      }
      end() {}
    }
    const { steps, problems } = describeFlow(Plain);
    expect(problems).toEqual([]);
    expect(steps.map(({ name, decorators }) => [name, decorators])).toEqual([
      ['start', []],
      ['work', ['retry(times=2)', 'timeout(1m)']],
      ['end', []],
    ]);
  });

  it('tells all problems at once', () => {
    class Wrong extends FlowSpec {
      static steps = { end: { retyr: 2 }, missing: {}, flat: 3 };
      readonly batchSize = param.int({ default: 0, min: 1 });
      readonly batch_size = param.string({ default: '' });
      readonly range = param.number({ default: 1, min: 3, max: 2 });

      @retry({ times: -1, backoff: { initial: 'soon' } }) @step start() {}
      @retry(1) @retry(2) @step twice() {}
      @timeout('1m') helper() {}
      flat() {}
      end() {}
    }
    Object.defineProperty(Wrong.prototype, 'unrelated', { value: 1 });
    const { problems } = describeFlow(Wrong);
    expect(problems.map(({ code, member }) => `${code} ${member}`)).toEqual([
      'bad-steps-entry end',
      'step-without-method missing',
      'bad-steps-entry flat',
      'bad-decorator start',
      'bad-decorator start',
      'repeated-decorator twice',
      'decorator-without-step helper',
      'bad-parameter batchSize',
      'bad-parameter range',
      'parameter-clash batch_size',
    ]);
    expect(problems[0]?.hint).toBe('did you mean "retry"?');
    expect(problems.map(({ message }) => message)).toContain(
      '@retry: backoff.initial is "soon", which is no length of time',
    );
  });

  it('refuses steps, fields and parameters with the name of a FlowSpec member', () => {
    class Hiding extends FlowSpec {
      constructor() {
        super();
        Object.defineProperty(this, 'index', { value: 1, enumerable: true });
      }
      @step start() {}
      @step override foreachStack() {
        return [];
      }
    }
    const { problems } = describeFlow(Hiding);
    expect(problems.map(({ code, member }) => [code, member])).toEqual([
      ['reserved-name', 'index'],
      ['reserved-name', 'foreachStack'],
    ]);
  });

  it('keeps the error of a constructor as the cause', () => {
    const cause = new Error('no database');
    class Throwing extends FlowSpec {
      rows = fail(cause);
      @step start() {}
    }
    expect(() => describeFlow(Throwing)).toThrow(
      expect.objectContaining({ code: 'CONSTRUCTOR_THREW', cause }),
    );
  });
});

describe('decorators in the legacy call shape', () => {
  it('mark methods through the descriptor and fields through the prototype', () => {
    class Legacy extends FlowSpec {
      cache = 1;
      start() {}
      work() {}
    }
    const apply = (name: 'start' | 'work', decorate: typeof step | ReturnType<typeof retry>) => {
      const descriptor = Object.getOwnPropertyDescriptor(Legacy.prototype, name);
      if (descriptor !== undefined) decorate(Legacy.prototype, name, descriptor);
    };
    apply('start', step);
    apply('work', step());
    apply('work', retry(1));
    transient(Legacy.prototype, 'cache');
    const { steps, fields, problems } = describeFlow(Legacy);
    expect(problems).toEqual([]);
    expect(steps.map(({ name, decorators }) => [name, decorators])).toEqual([
      ['start', []],
      ['work', ['retry(times=1)']],
    ]);
    expect(fields).toEqual([{ name: 'cache', initialised: true, transient: true }]);
  });
});

describe('misplaced decorators', () => {
  it('are refused with the remedy', () => {
    const onField: unknown = step;
    const call = (decorate: unknown, ...args: unknown[]) =>
      Reflect.apply(decorate as () => void, undefined, args);
    expect(() => call(onField, undefined, { kind: 'field', name: 'rows' })).toThrow(
      '@step stands on something that is not a method of an instance',
    );
    expect(() => call(step, () => {}, { kind: 'method', static: true })).toThrow('@step');
    expect(() => call(step(), () => {}, { kind: 'method', private: true })).toThrow('@step');
    expect(() => call(step, Base, 'tool', { value: () => {} })).toThrow('@step');
    expect(() => call(retry, () => {}, { kind: 'method', static: false })).toThrow(
      '@retry was written without parentheses',
    );
    expect(() => call(transient, () => {}, { kind: 'method' })).toThrow('not a field');
  });
});

describe('findFlows', () => {
  class Anonymous extends FlowSpec {
    @step start() {}
  }

  it('takes exported classes that extend FlowSpec and have a start, each once', () => {
    const flows = findFlows({ default: Derived, Derived, FlowSpec, Other: Map, helper: 1 });
    expect([...flows.keys()]).toEqual(['Derived']);
  });

  it('looks into the module.exports of CommonJS', () => {
    expect([...findFlows({ default: { Anonymous } }).keys()]).toEqual(['Anonymous']);
  });

  it('recognises the flows of another copy of the package', () => {
    class ForeignSpec {
      rows = [];
      static readonly [FLOW_SPEC] = true;
    }
    class Foreign extends ForeignSpec {
      start() {}
    }
    expect([...findFlows({ Foreign }).keys()]).toEqual(['Foreign']);
    expect(describeFlow(Foreign).classes.map(({ name }) => name)).toEqual(['Foreign']);
  });

  it('leaves out bases without a start', () => {
    class Bare extends FlowSpec {}
    expect(findFlows({ Bare }).size).toBe(0);
  });
});

describe('FlowSpec outside a step', () => {
  it('explains itself', () => {
    const flow = new Base();
    expect(() => flow.next(flow.end)).toThrow('this.next was used outside a running step');
    expect(() => flow.input).toThrow(expect.toSatisfy(isFlowError));
  });
});

function fail(error: Error): number {
  throw error;
}
