import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtifactChanges, ArtifactTable } from '../../../src/model/artifact.ts';
import type { FieldOptions } from '../../../src/worker/fields.ts';
import { Fields } from '../../../src/worker/fields.ts';
import { openTestIo, type TestIo } from './test-io.ts';

const NO_NAMES: ReadonlySet<string> = new Set();

interface Opened<T> {
  readonly flow: T;
  readonly fields: Fields;
}

function open<T extends object>(
  flow: T,
  io: TestIo,
  options: Partial<FieldOptions> = {},
): Opened<T> {
  const fields = new Fields(flow, {
    io,
    artifacts: {},
    parameters: {},
    initial: false,
    transient: NO_NAMES,
    ambiguous: NO_NAMES,
    isParameter: (value) => value === MARKER,
    ...options,
  });
  return { flow, fields };
}

/** Stands for what `param.*` returns. */
const MARKER = Object.freeze({ kind: 'marker' });

/** The values behind changes; a tombstone is `null` here and there. */
function valuesOf(changes: ArtifactChanges, io: TestIo): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(changes).map(([name, ref]) => [name, ref === null ? null : io.decode(ref)]),
  );
}

async function changesOf({ fields }: Opened<object>, io: TestIo): Promise<Record<string, unknown>> {
  const { changes, problems } = await fields.collect();
  expect(problems).toEqual([]);
  return valuesOf(changes, io);
}

class Weather {
  years: number[] = [];
  city = 'oslo';
  mean!: number;
  readonly #secret = 7;
  _scratch = new Map<string, () => void>();

  get double(): number {
    return this.mean * 2;
  }

  addSecret(): void {
    this.mean = this.#secret + this.years.length;
  }
}

describe('the first task of a flow', () => {
  it('records what the constructor made, and nothing for fields without a value', async () => {
    const io = openTestIo();
    const opened = open(new Weather(), io, { initial: true });
    expect(await changesOf(opened, io)).toEqual({ years: [], city: 'oslo' });
  });

  it('records what the step assigned instead', async () => {
    const io = openTestIo();
    const opened = open(new Weather(), io, { initial: true });
    opened.flow.city = 'seattle';
    opened.flow.mean = 4;
    expect(await changesOf(opened, io)).toEqual({ years: [], city: 'seattle', mean: 4 });
  });

  it('keeps no field that the step deletes, and leaves no tombstone where nothing was', async () => {
    const io = openTestIo();
    const opened = open<Partial<Weather>>(new Weather(), io, { initial: true });
    delete opened.flow.city;
    expect(await changesOf(opened, io)).toEqual({ years: [] });
  });
});

describe('a later task', () => {
  async function artifactsOf(values: Record<string, unknown>, io: TestIo): Promise<ArtifactTable> {
    const entries = Object.entries(values).map(async ([name, value]) => [
      name,
      await io.encode(value),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }

  it('sees what it inherits, and not what the constructor made', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [2012] }, io);
    const { flow } = open(new Weather(), io, { artifacts });
    expect(flow.years).toEqual([2012]);
    expect(flow.city).toBeUndefined();
  });

  it('loads nothing that it does not read, and each value once', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [2012], city: 'bergen' }, io);
    const opened = open(new Weather(), io, { artifacts });
    expect(io.decoded()).toBe(0);
    expect(opened.flow.years).toBe(opened.flow.years);
    expect(io.decoded()).toBe(1);
    await changesOf(opened, io);
    expect(io.decoded()).toBe(1);
  });

  it('changes nothing by reading', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [2012], city: 'bergen', mean: 3 }, io);
    const opened = open(new Weather(), io, { artifacts });
    JSON.stringify(opened.flow);
    expect(await changesOf(opened, io)).toEqual({});
  });

  it('encodes again what was read only if it is mutable', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [2012], city: 'bergen' }, io);
    const opened = open(new Weather(), io, { artifacts });
    const before = io.encoded();
    void opened.flow.city;
    await opened.fields.collect();
    expect(io.encoded()).toBe(before);
    void opened.flow.years;
    await opened.fields.collect();
    expect(io.encoded()).toBe(before + 1);
  });

  it('keeps changes made in place, in arrays, maps and buffers', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf(
      { list: [1], map: new Map([['a', 1]]), bytes: Buffer.from('abc') },
      io,
    );
    const opened = open<{ list: number[]; map: Map<string, number>; bytes: Buffer }>(
      { list: [], map: new Map(), bytes: Buffer.alloc(0) },
      io,
      { artifacts },
    );
    opened.flow.list.push(2);
    opened.flow.map.set('b', 2);
    opened.flow.bytes[0] = 0x7a;
    expect(await changesOf(opened, io)).toEqual({
      list: [1, 2],
      map: new Map([
        ['a', 1],
        ['b', 2],
      ]),
      bytes: Buffer.from('zbc'),
    });
  });

  it('counts an assignment of an equal value as no change', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [2012], city: 'bergen' }, io);
    const opened = open(new Weather(), io, { artifacts });
    opened.flow.years = [2012];
    opened.flow.city = 'bergen';
    expect(await changesOf(opened, io)).toEqual({});
  });

  it('leaves a tombstone for a deleted field, and for one set to undefined', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [1], city: 'bergen' }, io);
    const opened = open<Partial<Weather>>(new Weather(), io, { artifacts });
    delete opened.flow.years;
    opened.flow.city = undefined as never;
    expect(await changesOf(opened, io)).toEqual({ years: null, city: null });
  });

  it('keeps a field that was deleted and assigned again', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [1] }, io);
    const opened = open<Partial<Weather>>(new Weather(), io, { artifacts });
    delete opened.flow.years;
    opened.flow.years = [5];
    expect(await changesOf(opened, io)).toEqual({ years: [5] });
  });

  it('picks up fields that no class declares, and shows them to the next task', async () => {
    const io = openTestIo();
    const first = open<Record<string, unknown>>(new Weather() as never, io);
    first.flow['extra'] = { deep: [1] };
    const { changes } = await first.fields.collect();
    const second = open<Record<string, unknown>>(new Weather() as never, io, {
      artifacts: changes as ArtifactTable,
    });
    expect(second.flow['extra']).toEqual({ deep: [1] });
    expect(await changesOf(second, io)).toEqual({});
  });

  it('keeps neither private names nor transient fields, which the constructor makes anew', async () => {
    const io = openTestIo();
    const flow = Object.assign(new Weather(), { client: { connect: () => 1 } });
    const opened = open(flow, io, { transient: new Set(['client']) });
    // oxlint-disable-next-line no-underscore-dangle -- the name is the point
    opened.flow._scratch.set('a', () => {});
    expect(opened.flow.client.connect()).toBe(1);
    expect(await changesOf(opened, io)).toEqual({});
  });

  it('leaves #private members, methods and getters of the class working', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [1, 2] }, io);
    const opened = open(new Weather(), io, { artifacts });
    opened.flow.addSecret();
    expect(opened.flow.double).toBe(18);
    expect(await changesOf(opened, io)).toEqual({ mean: 9 });
  });

  it('treats fields of a base class and of the class alike', async () => {
    class Base {
      shared = 1;
    }
    class Derived extends Base {
      own = 2;
    }
    const io = openTestIo();
    const opened = open(new Derived(), io, {
      artifacts: await artifactsOf({ shared: 5, own: 6 }, io),
    });
    opened.flow.shared += opened.flow.own;
    expect(await changesOf(opened, io)).toEqual({ shared: 11 });
  });

  it('inherits fields that a class only declares, which no constructor makes', async () => {
    class Declared {
      declare total: number;
    }
    const io = openTestIo();
    const opened = open(new Declared(), io, { artifacts: await artifactsOf({ total: 3 }, io) });
    opened.flow.total += 1;
    expect(await changesOf(opened, io)).toEqual({ total: 4 });
  });

  it('does not hide a getter or method that took the name of an inherited artifact', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ double: 1, addSecret: 2 }, io);
    const opened = open(new Weather(), io, { artifacts });
    expect(typeof opened.flow.addSecret).toBe('function');
    expect(await changesOf(opened, io)).toEqual({});
  });

  it('keeps the order of the declaration in Object.keys', async () => {
    const io = openTestIo();
    const artifacts = await artifactsOf({ later: 1, mean: 2 }, io);
    const { flow } = open(new Weather(), io, { artifacts });
    expect(Object.keys(flow)).toEqual(['years', 'city', 'mean', '_scratch', 'later']);
  });

  it('can be copied, written as JSON and printed like any object', async () => {
    class Plain {
      years: number[] = [];
      city = '';
    }
    const io = openTestIo();
    const artifacts = await artifactsOf({ years: [1], city: 'bergen' }, io);
    const { flow } = open(new Plain(), io, { artifacts });
    expect(JSON.stringify(flow)).toBe('{"years":[1],"city":"bergen"}');
    expect(Object.assign({}, flow)).toEqual({ years: [1], city: 'bergen' });
    expect(structuredClone(flow)).toEqual({ years: [1], city: 'bergen' });
    expect(inspect(flow)).toBe("Plain { years: [ 1 ], city: 'bergen' }");
  });

  it('names the field whose value cannot be kept, and still collects the others', async () => {
    const io = openTestIo();
    const opened = open<Record<string, unknown>>({}, io);
    opened.flow['callback'] = () => {};
    opened.flow['fine'] = 1;
    const { changes, problems } = await opened.fields.collect();
    expect(problems.map(({ field }) => field)).toEqual(['callback']);
    expect(valuesOf(changes, io)).toEqual({ fine: 1 });
  });

  it('is refused if the constructor froze the flow', () => {
    expect(() => open(Object.freeze({ a: 1 }), openTestIo())).toThrow(/froze the flow/);
  });

  it('follows a plain object through any series of assignments, deletions and tasks', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'valueOf', '_hidden');
    const action = fc.oneof(
      fc.record({ do: fc.constant('set' as const), name, value: fc.jsonValue() }),
      fc.record({ do: fc.constant('delete' as const), name }),
      fc.record({ do: fc.constant('read' as const), name }),
      fc.record({ do: fc.constant('push' as const), name }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(action, { maxLength: 6 }), { maxLength: 5 }),
        async (tasks) => {
          const io = openTestIo();
          const model: Record<string, unknown> = { a: [0], b: 'start' };
          let artifacts: ArtifactTable = await artifactsOf(model, io);
          for (const actions of tasks) {
            const opened = open<Record<string, unknown>>({ a: 'never seen', c: 'never seen' }, io, {
              artifacts,
            });
            for (const step of actions) {
              for (const target of [model, opened.flow]) act(step, target);
            }
            const { changes } = await opened.fields.collect();
            artifacts = applyChanges(artifacts, changes);
            delete model['_hidden'];
          }
          expect(valuesOf(artifacts, io)).toEqual(model);
        },
      ),
      { numRuns: 100 },
    );
  });
});

type Action =
  | { readonly do: 'set'; readonly name: string; readonly value: unknown }
  | { readonly do: 'delete' | 'read' | 'push'; readonly name: string };

function act(action: Action, target: Record<string, unknown>): void {
  switch (action.do) {
    case 'set':
      target[action.name] = structuredClone(action.value);
      break;
    case 'delete':
      delete target[action.name];
      break;
    case 'read':
      void target[action.name];
      break;
    case 'push': {
      const value = target[action.name];
      if (Array.isArray(value)) value.push('pushed');
      break;
    }
  }
}

function applyChanges(artifacts: ArtifactTable, changes: ArtifactChanges): ArtifactTable {
  const kept = Object.entries({ ...artifacts, ...changes }).filter(([, ref]) => ref !== null);
  return Object.fromEntries(kept) as ArtifactTable;
}

describe('parameters', () => {
  it('are read like fields and are not artifacts', async () => {
    const io = openTestIo();
    const opened = open({ top: 0 }, io, { parameters: { top: await io.encode(5) } });
    expect(opened.flow.top).toBe(5);
    expect(await changesOf(opened, io)).toEqual({});
  });

  it('cannot be assigned, changed in place or deleted', async () => {
    const io = openTestIo();
    const parameters = { list: await io.encode([1, [2]]) };
    const { flow } = open<{ list?: unknown[] }>({ list: [] }, io, { parameters });
    expect(() => {
      flow.list = [];
    }).toThrow(/"list" was assigned; parameters are read-only/);
    expect(() => flow.list?.push(3)).toThrow(TypeError);
    expect(() => delete flow.list).toThrow(TypeError);
  });

  it('without a value read as undefined', () => {
    const { flow } = open({ optional: MARKER }, openTestIo(), { initial: true });
    expect(flow.optional).toBeUndefined();
  });
});

describe('a join', () => {
  it('cannot read a field that has no one value, until it sets it', async () => {
    const io = openTestIo();
    const opened = open(new Weather(), io, { ambiguous: new Set(['mean']) });
    expect(() => opened.flow.mean).toThrow(
      expect.objectContaining({
        code: 'JOIN_FIELD_AMBIGUOUS',
        hint: expect.stringMatching(/input\.mean.*mergeArtifacts/),
      }),
    );
    opened.flow.mean = 3;
    expect(opened.flow.mean).toBe(3);
    expect(await changesOf(opened, io)).toEqual({ mean: 3 });
  });

  it('leaves such a field absent if it does not set it', async () => {
    const io = openTestIo();
    const opened = open(new Weather(), io, { ambiguous: new Set(['mean']) });
    expect(await changesOf(opened, io)).toEqual({});
  });

  it('passes on what it merged without reading it', async () => {
    const io = openTestIo();
    const opened = open(new Weather(), io, { ambiguous: new Set(['mean', 'extra']) });
    opened.fields.inherit('mean', await io.encode(8));
    opened.fields.inherit('extra', await io.encode([1]));
    expect(io.decoded()).toBe(0);
    const { changes } = await opened.fields.collect();
    expect(io.decoded()).toBe(0);
    expect(valuesOf(changes, io)).toEqual({ mean: 8, extra: [1] });
    expect(opened.flow.mean).toBe(8);
  });
});
