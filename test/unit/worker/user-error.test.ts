import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlowError } from '../../../src/model/errors.ts';
import { parseFrames, SourcePlaces } from '../../../src/worker/stack-frames.ts';
import { describeThrown } from '../../../src/worker/user-error.ts';

const places = new SourcePlaces('/nowhere/flow.mjs');

describe('describing what user code threw', () => {
  it('keeps name, message, code and own fields of an error', () => {
    const error = Object.assign(new TypeError('no such city'), {
      code: 'E_CITY',
      city: 'oslo',
      tries: 3,
      callback: () => 1,
    });
    expect(describeThrown(error, places)).toMatchObject({
      kind: 'user-error',
      name: 'TypeError',
      message: 'no such city',
      code: 'E_CITY',
      fields: { city: 'oslo', tries: 3 },
    });
    expect(describeThrown(error, places).fields).not.toHaveProperty('callback');
  });

  it('follows the chain of causes', () => {
    const error = new Error('outer', { cause: new RangeError('inner', { cause: 'a text' }) });
    expect(describeThrown(error, places).cause).toMatchObject({
      name: 'RangeError',
      message: 'inner',
      cause: { name: 'NonError', message: 'a text' },
    });
  });

  it('ends a chain of causes that leads back to itself', () => {
    const error = new Error('one');
    error.cause = new Error('two', { cause: error });
    const described = describeThrown(error, places);
    expect(described.cause?.message).toBe('two');
    expect(described.cause?.cause).toBeUndefined();
  });

  it('shows all errors of an AggregateError and the first as its cause', () => {
    const error = new AggregateError([new Error('first'), new TypeError('second')], 'both failed');
    const described = describeThrown(error, places);
    expect(described.cause?.message).toBe('first');
    expect(described.fields?.['errors']).toEqual(['Error: first', 'TypeError: second']);
  });

  it('takes any thrown value', () => {
    expect(describeThrown('plain text', places).message).toBe('plain text');
    expect(describeThrown(undefined, places).message).toBe('undefined');
    expect(describeThrown({ status: 404 }, places).message).toContain('404');
    expect(describeThrown(Symbol('odd'), places).message).toBe('Symbol(odd)');
    expect(describeThrown(null, places).hint).toContain('throw an Error');
  });

  it('survives errors that throw when they are looked at', () => {
    const error = new Error('hostile');
    Object.defineProperty(error, 'trap', {
      enumerable: true,
      get: () => {
        throw new Error('trapped');
      },
    });
    Object.defineProperty(error, 'stack', {
      get: () => {
        throw new Error('no stack');
      },
    });
    expect(describeThrown(error, places)).toMatchObject({ message: 'hostile', frames: [] });
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(describeThrown(hostile, places).kind).toBe('user-error');
  });

  it('leaves out fields that JSON cannot hold, and cuts endless messages', () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    const error = Object.assign(new Error('x'.repeat(200_000)), { cyclic, big: 1n, fine: [1] });
    const described = describeThrown(error, places);
    expect(described.fields).toEqual({ fine: [1] });
    expect(described.message.length).toBeLessThan(70_000);
  });

  it('keeps the hint of a FlowError', () => {
    const error = new FlowError('wrong', { code: 'WRONG', hint: 'do it right' });
    expect(describeThrown(error, places)).toMatchObject({ code: 'WRONG', hint: 'do it right' });
  });

  it('can always be sent as JSON', () => {
    const described = describeThrown(
      new Error('one', { cause: { message: 'like an error' } }),
      places,
    );
    expect(JSON.parse(JSON.stringify(described))).toEqual({ ...described });
  });
});

describe('stack frames', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-frames-'));
    // One mapping: generated 1:1 comes from source line 10, column 3; generated 2:1 from 20:1.
    writeFileSync(
      join(folder, 'flow.mjs.map'),
      JSON.stringify({
        version: 3,
        sources: ['file:///home/user/my_flow.ts'],
        names: [],
        mappings: 'AASE;AAUF',
      }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('come out in TypeScript lines where the bundle has a map', () => {
    const stack = `Error: x\n    at Weather.start (file://${folder}/flow.mjs:1:1)\n    at file://${folder}/flow.mjs:2:1`;
    expect(parseFrames(stack, new SourcePlaces(join(folder, 'flow.mjs')))).toEqual([
      { function: 'Weather.start', file: '/home/user/my_flow.ts', line: 10, column: 3, own: true },
      { file: '/home/user/my_flow.ts', line: 20, column: 1, own: true },
    ]);
  });

  it("put the user's own before those of Node and of packages", () => {
    const stack = [
      'Error: x',
      '    at node:internal/process/task_queues:105:5',
      '    at parse (/app/node_modules/csv/index.js:3:9)',
      '    at async Weather.start (/app/my_flow.ts:7:11)',
    ].join('\n');
    const frames = parseFrames(stack, places);
    expect(frames.map(({ file, own }) => [file, own])).toEqual([
      ['/app/my_flow.ts', true],
      ['node:internal/process/task_queues', false],
      ['/app/node_modules/csv/index.js', false],
    ]);
    expect(frames[0]?.function).toBe('Weather.start');
  });

  it('stay as they are without a map', () => {
    const frames = parseFrames('E\n    at f (/nowhere/flow.mjs:4:2)', places);
    expect(frames).toEqual([
      { function: 'f', file: '/nowhere/flow.mjs', line: 4, column: 2, own: true },
    ]);
  });
});
