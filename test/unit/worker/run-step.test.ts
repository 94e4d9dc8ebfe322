import { describe, expect, it } from 'vitest';
import { current } from '../../../src/flow/current.ts';
import { FlowSpec } from '../../../src/flow/flow-spec.ts';
import type { FlowClass } from '../../../src/flow/steps.ts';
import type { ArtifactTable } from '../../../src/model/artifact.ts';
import type { Position, RunId } from '../../../src/model/ids.ts';
import type { JoinInput, TaskSpec } from '../../../src/model/task.ts';
import { decodeArtifactSync, encodeArtifact } from '../../../src/store/artifacts.ts';
import { writeItemPages } from '../../../src/store/item-pages.ts';
import { encodeJoinInputs } from '../../../src/store/join-inputs.ts';
import { openMemoryBlobStore } from '../../../src/store/memory/blob-store.ts';
import { runStep, type StepOutcome, type StepTask } from '../../../src/worker/run-step.ts';
import { SourcePlaces } from '../../../src/worker/stack-frames.ts';

const blobs = openMemoryBlobStore();

interface Options extends Partial<TaskSpec> {
  readonly crash?: Promise<never>;
  readonly signal?: AbortSignal;
  readonly items?: StepTask['items'];
}

const NO_ITEMS: StepTask['items'] = {
  send: () => Promise.reject(new Error('nobody listens')),
  demand: () => Promise.reject(new Error('nobody asks')),
};

function run(flow: FlowClass, step: string, options: Options = {}): Promise<StepOutcome> {
  const { crash = new Promise<never>(() => {}), signal, items = NO_ITEMS, ...spec } = options;
  return runStep({
    spec: {
      run: { id: '1000000000000' as RunId, flow: flow.name, tags: ['nightly'] },
      step,
      position: '0' as Position,
      attempt: 1,
      takes: 'nothing',
      transition: { kind: 'end' },
      parameters: {},
      artifacts: {},
      initial: false,
      frames: [],
      maxSplits: 5,
      tempDir: '/nowhere',
      ...spec,
    },
    flow,
    blobs,
    places: new SourcePlaces('/nowhere/flow.mjs'),
    openSignal: () => signal ?? new AbortController().signal,
    items,
    hide: () => Promise.resolve(),
    crash,
  });
}

async function tableOf(values: object): Promise<ArtifactTable> {
  const entries = Object.entries(values).map(async ([name, value]) => [
    name,
    await encodeArtifact(value, blobs),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

function valuesOf(outcome: StepOutcome): Record<string, unknown> {
  const { changes } = outcome.kind === 'succeeded' ? outcome.result : outcome.failed;
  return Object.fromEntries(
    Object.entries(changes).map(([name, ref]) => [name, ref && decodeArtifactSync(ref, blobs)]),
  );
}

function failureOf(outcome: StepOutcome): unknown {
  return outcome.kind === 'failed' ? outcome.failed.failure : outcome;
}

class Flow extends FlowSpec {
  static steps = { start: {}, work: {}, other: {}, join: {}, end: {} };
  total = 0;
  seen: unknown = undefined;
  onStart(): unknown {
    return undefined;
  }
  onWork(_item?: unknown): unknown {
    return undefined;
  }
  onJoin(_inputs: readonly Record<string, unknown>[]): unknown {
    return undefined;
  }
  start(): unknown {
    return this.onStart();
  }
  work(item?: unknown): unknown {
    return this.onWork(item);
  }
  other(): void {}
  join(inputs: readonly Record<string, unknown>[]): unknown {
    return this.onJoin(inputs);
  }
  end(): void {}
  // The typed forms of `next` are tested elsewhere; here any arguments may come.
  go(...args: readonly unknown[]): void {
    Reflect.apply(FlowSpec.prototype.next, this, args);
  }
}

describe('running a step', () => {
  it('awaits an async method and reports changes and transition', async () => {
    class F extends Flow {
      override async onStart() {
        await Promise.resolve();
        this.total = 3;
        this.go(this.work);
      }
    }
    const outcome = await run(F, 'start', { transition: { kind: 'next', to: ['work'] } });
    expect(outcome).toMatchObject({
      kind: 'succeeded',
      result: { transition: { kind: 'next', to: ['work'] } },
    });
    expect(valuesOf(outcome)).toEqual({ total: 3 });
  });

  it('gives an item step its item, and its place in the foreach', async () => {
    const { pages } = await writeItemPages(['a', { deep: 'b' }], blobs, { maxItems: 5 });
    class F extends Flow {
      override onWork(item: unknown) {
        this.seen = [item, this.input === item, this.index, this.foreachStack().length];
        this.go(this.join);
      }
    }
    const outcome = await run(F, 'work', {
      takes: 'item',
      transition: { kind: 'next', to: ['join'] },
      frames: [{ step: 'start', index: 1, size: 2, item: { page: pages[0]!.ref, slot: 1 } }],
    });
    expect(valuesOf(outcome)).toEqual({ seen: [{ deep: 'b' }, true, 1, 1] });
  });

  it('gives a join its inputs, refuses ambiguous fields and merges', async () => {
    const items = await Promise.all(
      [1, 2].map(
        async (n): Promise<JoinInput> => ({
          step: 'work',
          position: String(n - 1) as Position,
          changes: await tableOf({ total: n, same: [7] }),
        }),
      ),
    );
    const inputs = await encodeJoinInputs({ base: {}, items, couldSet: ['total'] }, blobs);
    class F extends Flow {
      override onJoin(views: readonly Record<string, unknown>[]) {
        expect(() => this.total).toThrow(/may have set differently/);
        this.total = views.reduce((sum, view) => sum + Number(view['total']), 0);
        this.mergeArtifacts(views);
        this.go(this.end);
      }
    }
    const spec: Options = { takes: 'inputs', inputs, transition: { kind: 'next', to: ['end'] } };
    expect(valuesOf(await run(F, 'join', spec))).toEqual({ total: 3, same: [7] });
  });

  it('sets nothing where merging finds a conflict, and fails', async () => {
    const items = await Promise.all(
      [1, 2].map(
        async (n): Promise<JoinInput> => ({
          step: 'work',
          position: String(n) as Position,
          changes: await tableOf({ total: n, same: 1 }),
        }),
      ),
    );
    const inputs = await encodeJoinInputs({ base: {}, items, couldSet: [] }, blobs);
    class F extends Flow {
      override onJoin(views: readonly Record<string, unknown>[]) {
        this.mergeArtifacts(views);
      }
    }
    const outcome = await run(F, 'join', { takes: 'inputs', inputs });
    expect(failureOf(outcome)).toMatchObject({ code: 'MERGE_CONFLICT' });
    expect(valuesOf(outcome)).toEqual({});
  });

  it('fills current, whose idempotency key is the same for every attempt', async () => {
    const seen: unknown[] = [];
    class F extends Flow {
      override onStart() {
        const { flowName, stepName, pathspec, attempt, tags, parameters, idempotencyKey } = current;
        seen.push({ flowName, stepName, pathspec, attempt, tags, parameters });
        seen.push(idempotencyKey);
      }
    }
    const parameters = await tableOf({ top: 5 });
    await run(F, 'start', { parameters });
    await run(F, 'start', { parameters, attempt: 2 });
    await run(F, 'start', { parameters, position: '1' as Position });
    expect(seen[0]).toEqual({
      flowName: 'F',
      stepName: 'start',
      pathspec: 'F/1000000000000/start/0',
      attempt: 1,
      tags: ['nightly'],
      parameters: { top: 5 },
    });
    expect(seen[3]).toBe(seen[1]);
    expect(seen[5]).not.toBe(seen[1]);
  });

  it('sets the environment of the step before it runs', async () => {
    class F extends Flow {
      override onStart() {
        this.seen = process.env['MILLRACE_UNIT_TEST'];
      }
    }
    const outcome = await run(F, 'start', { environment: { MILLRACE_UNIT_TEST: 'yes' } });
    delete process.env['MILLRACE_UNIT_TEST'];
    expect(valuesOf(outcome)).toEqual({ seen: 'yes' });
  });
});

describe('a step that goes wrong', () => {
  it('fails with the error it throws, and still shows what it had set', async () => {
    class F extends Flow {
      override onStart() {
        this.total = 4;
        throw new RangeError('too far');
      }
    }
    const outcome = await run(F, 'start');
    expect(failureOf(outcome)).toMatchObject({ name: 'RangeError', message: 'too far' });
    expect(valuesOf(outcome)).toEqual({ total: 4 });
  });

  it('fails with an error that nobody caught, and runs no code if that came before', async () => {
    let ran = false;
    class F extends Flow {
      override onStart() {
        ran = true;
      }
    }
    const outcome = await run(F, 'start', { crash: Promise.reject(new Error('late')) });
    expect(failureOf(outcome)).toMatchObject({ message: 'late' });
    expect(ran).toBe(false);
  });

  it('fails where a value cannot be kept, with the path to it', async () => {
    class F extends Flow {
      override onStart() {
        this.seen = { deep: [() => {}] };
      }
    }
    expect(failureOf(await run(F, 'start'))).toMatchObject({
      code: 'ARTIFACT_NOT_KEEPABLE',
      message: expect.stringContaining('this.seen.deep[0]'),
    });
  });

  type Call = (flow: Flow) => void;
  const calls: readonly (readonly [string, TaskSpec['transition'], Call, object])[] = [
    [
      'no next',
      { kind: 'next', to: ['end'] },
      () => {},
      { code: 'NEXT_MISSING', hint: 'end it with this.next(this.end)' },
    ],
    [
      'two nexts',
      { kind: 'next', to: ['end'] },
      (f) => {
        f.go(f.end);
        f.go(f.end);
      },
      { code: 'NEXT_TWICE' },
    ],
    [
      'two nexts, the error swallowed',
      { kind: 'next', to: ['end'] },
      (f) => {
        f.go(f.end);
        try {
          f.go(f.end);
        } catch {}
      },
      { code: 'NEXT_TWICE' },
    ],
    [
      'another step than its text says',
      { kind: 'next', to: ['end'] },
      (f) => f.go(f.other),
      { code: 'NEXT_UNEXPECTED' },
    ],
    ['a next in the last step', { kind: 'end' }, (f) => f.go(f.other), { code: 'NEXT_UNEXPECTED' }],
    [
      'a foreach over a text',
      { kind: 'foreach', to: 'work' },
      (f) => f.go(f.work, { foreach: new String('abc').valueOf() }),
      { code: 'NEXT_FIELD' },
    ],
    [
      'a foreach over a number',
      { kind: 'foreach', to: 'work' },
      (f) => f.go(f.work, { foreach: 5 }),
      { code: 'FOREACH_NOT_ITERABLE' },
    ],
    [
      'a foreach over more items than allowed',
      { kind: 'foreach', to: 'work' },
      (f) => f.go(f.work, { foreach: [1, 2, 3, 4, 5, 6] }),
      { code: 'TOO_MANY_SPLITS' },
    ],
    [
      'a switch without a case for the value',
      {
        kind: 'switch',
        cases: [
          { label: 'small', to: 'work' },
          { label: 'big', to: 'other' },
        ],
      },
      (f) => f.go({ small: f.work, big: f.other }, { condition: 'bog' }),
      {
        code: 'SWITCH_NO_CASE',
        message: expect.stringContaining('"small", "big"'),
        hint: 'did you mean "big"?',
      },
    ],
  ];
  it.each(calls)('fails at %s', async (...[, transition, call, failure]) => {
    class F extends Flow {
      override onStart() {
        call(this);
      }
    }
    expect(failureOf(await run(F, 'start', { transition }))).toMatchObject(failure);
  });
});

describe('transitions', () => {
  it('start a gang of as many tasks as the step asks for, whose items are their numbers', async () => {
    class F extends Flow {
      override onStart() {
        this.go(this.work, { numParallel: 3 });
      }
    }
    const outcome = await run(F, 'start', { transition: { kind: 'gang', to: 'work' } });
    expect(outcome).toMatchObject({
      result: { transition: { kind: 'gang', to: 'work', size: 3, pages: [{ count: 3 }] } },
    });
  });

  it('open no foreach over an async iterable in a gang, whose tasks end together', async () => {
    class F extends Flow {
      override onStart() {
        this.go(this.work, { foreach: (async function* () {})() });
      }
    }
    const parallel = { index: 0, size: 2, mainAddress: '127.0.0.1:1' };
    const transition = { kind: 'foreach', to: 'work' } as const;
    const outcome = await run(F, 'start', { transition, parallel });
    expect(outcome).toMatchObject({ failed: { failure: { code: 'FOREACH_IN_GANG' } } });
  });

  it.each([
    ['an array', [1, 2, 3], 3],
    ['a Set', new Set(['a']), 1],
    ['nothing', [], 0],
  ])('split over %s', async (_title, items, size) => {
    class F extends Flow {
      override onStart() {
        this.go(this.work, { foreach: items });
      }
    }
    const outcome = await run(F, 'start', { transition: { kind: 'foreach', to: 'work' } });
    expect(outcome).toMatchObject({
      result: { transition: { kind: 'foreach', to: 'work', size } },
    });
  });

  it.each([
    ['text', 'a', { a: 'work', b: 'other' }, 'work'],
    ['number', 2, { 1: 'work', 2: 'other' }, 'other'],
    ['boolean', false, { true: 'work', false: 'other' }, 'other'],
  ])('switch on a %s', async (...[, condition, cases, to]) => {
    class F extends Flow {
      override onStart() {
        const methods = Object.entries(cases).map(([label, name]) => [
          label,
          Reflect.get(this, name),
        ]);
        this.go(Object.fromEntries(methods), { condition });
      }
    }
    const transition = {
      kind: 'switch' as const,
      cases: Object.entries(cases).map(([label, name]) => ({ label, to: name })),
    };
    const outcome = await run(F, 'start', { transition });
    expect(outcome).toMatchObject({
      result: { transition: { kind: 'switch', to, label: String(condition) } },
    });
  });
});
