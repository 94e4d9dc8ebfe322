import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtifactChanges, ArtifactTable } from '../../../src/model/artifact.ts';
import type { Position } from '../../../src/model/ids.ts';
import type { JoinInput, JoinInputs } from '../../../src/model/task.ts';
import { ambiguousFields, inputOf, openInputs } from '../../../src/worker/inputs.ts';
import { mergeArtifacts } from '../../../src/worker/merge-artifacts.ts';
import { openTestIo, type TestIo } from './test-io.ts';

type View = { readonly [name: string]: unknown };
type Views = readonly View[] & { readonly [step: string]: View };

async function tableOf(values: object, io: TestIo): Promise<ArtifactTable> {
  const entries = Object.entries(values).map(async ([name, value]) => [
    name,
    await io.encode(value),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

async function changesOf(values: object, io: TestIo): Promise<ArtifactChanges> {
  const deleted = Object.entries(values).filter(([, value]) => value === undefined);
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return {
    ...(await tableOf(Object.fromEntries(set), io)),
    ...Object.fromEntries(deleted.map(([name]) => [name, null])),
  };
}

interface Given {
  readonly base?: object;
  /** Per input what it changed; `undefined` for a deleted field. */
  readonly items: readonly object[];
  readonly steps?: readonly string[];
  readonly couldSet?: readonly string[];
}

async function joinOf(
  { base = {}, items, steps, couldSet = [] }: Given,
  io: TestIo,
): Promise<JoinInputs> {
  const inputs = items.map(
    async (values, index): Promise<JoinInput> => ({
      step: steps?.[index] ?? 'work',
      position: String(index) as Position,
      changes: await changesOf(values, io),
    }),
  );
  return { base: await tableOf(base, io), items: await Promise.all(inputs), couldSet };
}

async function open(given: Given, io = openTestIo(), parameters: object = {}): Promise<Views> {
  const join = await joinOf(given, io);
  return openInputs(join, { io, parameters: await tableOf(parameters, io) }) as Views;
}

describe('the inputs of a join', () => {
  it('show what each task could see: the fork’s fields under its own changes', async () => {
    const inputs = await open({
      base: { city: 'oslo', mean: 0 },
      items: [{ mean: 1 }, { mean: 2 }],
    });
    expect(inputs.map(({ city, mean }) => [city, mean])).toEqual([
      ['oslo', 1],
      ['oslo', 2],
    ]);
  });

  it('do not show what a task deleted', async () => {
    const [first] = await open({ base: { city: 'oslo' }, items: [{ city: undefined }] });
    expect(first?.['city']).toBeUndefined();
    expect('city' in first!).toBe(false);
    expect(Object.keys(first!)).toEqual([]);
  });

  it('are there under the names of their steps, if these are different', async () => {
    const inputs = await open({ items: [{ x: 1 }, { x: 2 }], steps: ['left', 'right'] });
    expect(inputs['left']?.['x']).toBe(1);
    expect(inputs['right']).toBe(inputs[1]);
    expect(Object.keys(inputs)).toEqual(['0', '1']);
  });

  it('keep the methods of arrays where a step has such a name', async () => {
    const inputs = await open({ items: [{ x: 1 }], steps: ['map'] });
    expect(inputs.map((input) => input['x'])).toEqual([1]);
  });

  it('load a value when it is read, and once', async () => {
    const io = openTestIo();
    const inputs = await open({ base: { all: [1] }, items: [{ mine: [2] }, {}] }, io);
    expect(io.decoded()).toBe(0);
    expect(inputs[0]?.['mine']).toBe(inputs[0]?.['mine']);
    expect(io.decoded()).toBe(1);
    void inputs[0]?.['all'];
    void inputs[1]?.['all'];
    expect(io.decoded()).toBe(2);
  });

  it('do not hold more than a bounded amount of what was read', async () => {
    const io = openTestIo();
    const big = Buffer.alloc(24 * 1024 * 1024);
    const items = [1, 2, 3].map((byte) => ({ big: Buffer.concat([Buffer.from([byte]), big]) }));
    const inputs = await open({ items }, io);
    const first = inputs[0]?.['big'] as Buffer;
    void inputs[1]?.['big'];
    expect(inputs[0]?.['big'] === first).toBe(true);
    void inputs[2]?.['big'];
    expect(inputs[0]?.['big'] === first).toBe(false);
    expect(first.equals(inputs[0]?.['big'] as Buffer)).toBe(true);
  });

  it('are read-only', async () => {
    const inputs = (await open({ items: [{ x: 1 }] })) as unknown as { x?: number; y?: number }[];
    const [first] = inputs;
    expect(() => (first!.x = 2)).toThrow(/"x" was assigned; inputs are read-only/);
    expect(() => (first!.y = 2)).toThrow(/read-only/);
    expect(() => delete first!.x).toThrow(/read-only/);
    expect(() => inputs.push({})).toThrow(TypeError);
  });

  it('show parameters, and the index of their item', async () => {
    const inputs = await open({ items: [{}, {}] }, openTestIo(), { top: 5 });
    expect(inputs.map((input) => [input['top'], input['index']])).toEqual([
      [5, 0],
      [5, 1],
    ]);
  });

  it('can be copied, written as JSON and printed like any object', async () => {
    const [first] = await open({ base: { a: 1 }, items: [{ b: [2] }] });
    expect({ ...first }).toEqual({ a: 1, b: [2] });
    expect(JSON.stringify(first)).toBe('{"a":1,"b":[2]}');
    expect(inspect(first)).toBe('{ a: 1, b: [ 2 ] }');
  });

  it('take names that objects have by birth for what they are: fields', async () => {
    const [first] = await open({ items: [{ valueOf: 1 }] });
    expect(first?.['valueOf']).toBe(1);
    expect(first?.['toString']).toBeUndefined();
    expect(first?.['constructor']).toBeUndefined();
  });

  it('remember the task behind each of them', async () => {
    const inputs = await open({ items: [{ x: 1 }] });
    expect(inputOf(inputs[0])?.position).toBe('0');
    expect(inputOf({})).toBeUndefined();
    expect(inputOf('text')).toBeUndefined();
  });

  it('leave open which value the join starts with where one set it or could have', async () => {
    const join = await joinOf(
      { items: [{ a: 1 }, { b: undefined }], couldSet: ['c'] },
      openTestIo(),
    );
    expect([...ambiguousFields(join)].toSorted()).toEqual(['a', 'b', 'c']);
  });
});

describe('mergeArtifacts', () => {
  const nothing = () => false;

  async function merge(
    given: Given,
    options: { include?: string[]; exclude?: string[]; assigned?: string[] } = {},
  ): Promise<Record<string, unknown>> {
    const io = openTestIo();
    const { base, items: inputs } = await joinOf(given, io);
    const { assigned = [], ...names } = options;
    const isAssigned = (name: string) => assigned.includes(name);
    const merged = mergeArtifacts({ base, inputs, ...names, isAssigned });
    return Object.fromEntries(Object.entries(merged).map(([name, ref]) => [name, io.decode(ref)]));
  }

  it('takes what all inputs that set it agree on, and leaves what none did', async () => {
    expect(await merge({ base: { a: 1 }, items: [{ b: [2] }, { b: [2] }] })).toEqual({ b: [2] });
  });

  it('asks only the inputs that changed a field, not those that left it as the fork had it', async () => {
    expect(await merge({ base: { a: 0 }, items: [{ a: 1 }, {}] })).toEqual({ a: 1 });
  });

  it('takes what only some inputs set, where the others have none', async () => {
    expect(await merge({ items: [{ left: 1 }, { right: 2 }] })).toEqual({ left: 1, right: 2 });
  });

  it('lets a deletion win over a field left alone, and conflict with one set', async () => {
    expect(await merge({ base: { a: 1 }, items: [{ a: undefined }, {}] })).toEqual({});
    const given = { base: { a: 1 }, items: [{ a: undefined }, { a: 2 }] };
    await expect(merge(given)).rejects.toMatchObject({ code: 'MERGE_CONFLICT' });
  });

  it('names all conflicts at once, and where they come from', async () => {
    const given = {
      base: { a: 0 },
      items: [
        { a: 1, b: 1, same: 1 },
        { a: 2, b: 2, same: 1 },
      ],
    };
    await expect(merge(given)).rejects.toMatchObject({
      code: 'MERGE_CONFLICT',
      message: expect.stringMatching(/"a" \(work\/0 and work\/1\), "b" \(work\/0 and work\/1\)/),
      hint: expect.stringContaining('exclude'),
    });
  });

  it('leaves what the join has set itself, even where inputs differ', async () => {
    const given = {
      items: [
        { a: 1, b: 1 },
        { a: 2, b: 1 },
      ],
    };
    expect(await merge(given, { assigned: ['a'] })).toEqual({ b: 1 });
  });

  it('takes only what is included, or all but what is excluded', async () => {
    const given = {
      items: [
        { a: 1, b: 1, c: 3 },
        { a: 2, b: 1, c: 3 },
      ],
    };
    expect(await merge(given, { include: ['b'] })).toEqual({ b: 1 });
    expect(await merge(given, { exclude: ['a', 'c'] })).toEqual({ b: 1 });
  });

  it('refuses include and exclude together', async () => {
    await expect(merge({ items: [] }, { include: [], exclude: [] })).rejects.toMatchObject({
      code: 'MERGE_OPTIONS',
    });
  });

  it('refuses to include what no input has, and offers what was meant', async () => {
    await expect(merge({ items: [{ median: 1 }] }, { include: ['medain'] })).rejects.toMatchObject({
      code: 'MERGE_MISSING',
      hint: 'did you mean "median"?',
    });
  });

  it('tells equal bytes of different kinds apart', async () => {
    const given = { items: [{ a: 'abc' }, { a: Buffer.from('abc') }] };
    await expect(merge(given)).rejects.toMatchObject({ code: 'MERGE_CONFLICT' });
  });

  it('agrees with a comparison of all values that inputs set', async () => {
    const io = openTestIo();
    const value = fc.constantFrom(1, 2);
    const name = fc.constantFrom('a', 'b', 'c');
    const change = fc.dictionary(name, fc.option(value, { nil: undefined }));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, value),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (base, items) => {
          const join = await joinOf({ base, items }, io);
          const found = new Map<string, Set<unknown>>();
          for (const [key, held] of items.flatMap((item) => Object.entries(item))) {
            found.set(key, (found.get(key) ?? new Set()).add(held));
          }
          const conflicts = [...found].filter(([, values]) => values.size > 1);
          const run = () =>
            mergeArtifacts({ base: join.base, inputs: join.items, isAssigned: nothing });
          if (conflicts.length > 0) {
            for (const [key] of conflicts) expect(run).toThrow(`"${key}"`);
          } else {
            const set = [...found].filter(([, values]) => !values.has(undefined));
            expect(Object.keys(run()).toSorted()).toEqual(set.map(([key]) => key).toSorted());
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
