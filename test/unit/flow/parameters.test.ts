import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeParameter } from '../../../src/flow/parameters/describe.ts';
import { param } from '../../../src/flow/parameters/param.ts';
import {
  isParameter,
  type LaunchContext,
  type Parameter,
} from '../../../src/flow/parameters/parameter.ts';
import { resolveParameters } from '../../../src/flow/parameters/resolve.ts';
import type { ArtifactRef } from '../../../src/model/artifact.ts';
import type { RawParameter } from '../../../src/model/definition.ts';
import { flagName, variableName } from '../../../src/model/parameter-names.ts';
import { hashBytes } from '../../../src/store/hash.ts';
import { parseValueText } from '../../../src/worker/value-text.ts';

const FILES = new Map([
  ['data.txt', 'héllo'],
  ['data.yaml', 'a: [1, 2]'],
  ['broken.json', '{\n  "a": }'],
]);
const NOW = new Date('2026-01-31T12:00:00Z');
const KEPT = new Map<ArtifactRef, unknown>();

function kept(value: unknown): ArtifactRef {
  const ref: ArtifactRef = {
    hash: hashBytes(Buffer.from(`${KEPT.size}`)),
    size: 0,
    encoding: 'cbor',
  };
  KEPT.set(ref, value);
  return ref;
}

async function readFile(path: string): Promise<Uint8Array> {
  const text = FILES.get(path);
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return Promise.resolve(new TextEncoder().encode(text));
}

function parameterOf(declared: unknown): Parameter {
  if (isParameter(declared)) return declared;
  throw new Error('not a parameter');
}

async function resolve(declared: Record<string, unknown>, raw: Record<string, RawParameter>) {
  const parameters = new Map(
    Object.entries(declared).map(([name, marker]) => [name, parameterOf(marker)]),
  );
  const resolution = await resolveParameters(parameters, raw, {
    readFile,
    parseText: parseValueText,
    decode: (ref) => KEPT.get(ref),
    launch: {
      flowName: 'Flow',
      file: '/flow.ts',
      cwd: '/',
      now: NOW,
      configs: { train: { size: 4 } },
    },
  });
  return 'values' in resolution ? { ...resolution.values } : resolution.problems;
}

const flag = (...texts: string[]): RawParameter => ({ from: 'flag', texts });
const ofFlag = (declared: unknown, ...texts: string[]) =>
  resolve({ top: declared }, { top: flag(...texts) });
const problem = (message: string, hint?: string) => [
  { parameter: 'top', message, ...(hint === undefined ? {} : { hint }) },
];

describe('names', () => {
  it('are words joined by dashes on the command line, by underscores in the environment', () => {
    expect([flagName('batchSize'), flagName('batch_size'), flagName('useGPU')]).toEqual([
      'batch-size',
      'batch-size',
      'use-gpu',
    ]);
    expect(variableName('batchSize')).toBe('MILLRACE_PARAM_BATCH_SIZE');
  });
});

describe('a given text', () => {
  it.each([
    [param.int(), '-3', -3],
    [param.int(), '+7', 7],
    [param.number(), '1e-3', 0.001],
    [param.string(), '', ''],
    [param.boolean(), 'no', false],
    [param.date(), '2026-01-31', new Date('2026-01-31T00:00:00Z')],
    [param.date(), '2026-01-31 10:00', new Date('2026-01-31T10:00:00Z')],
    [param.date(), '2026-01-31T10:00:00+02:00', new Date('2026-01-31T08:00:00Z')],
    [param.choice(['a', 'b']), 'b', 'b'],
    [param.list(), 'a, b', ['a', 'b']],
    [param.list({ of: 'int', separator: ';' }), '1;2', [1, 2]],
    [param.list(), '', []],
    [param.json(), '{"a":[1]}', { a: [1] }],
    [param.file(), 'data.txt', 'héllo'],
    [param(z.number().min(1)), '5', 5],
    [param(z.object({ a: z.number() })), '{"a":1}', { a: 1 }],
    [param(z.string()), '5', '5'],
  ])('%# is read by its kind: %s', async (declared, text, value) => {
    expect(await ofFlag(declared, text)).toEqual({ top: value });
  });

  it.each([
    [param.int(), 'x', '--top: "x" is not a whole number'],
    [param.int(), '1.5', '--top: "1.5" is not a whole number'],
    [param.int(), '9007199254740993', '--top: "9007199254740993" is not a whole number'],
    [param.int({ min: 1 }), '0', '--top: 0 is less than 1'],
    [param.number({ max: 1 }), '2', '--top: 2 is more than 1'],
    [param.number(), 'NaN', '--top: "NaN" is not a number'],
    [param.boolean(), 'maybe', '--top: "maybe" is neither true nor false'],
    [param.date(), 'tomorrow', '--top: "tomorrow" is not a date'],
    [param.date(), '2026-02-31', '--top: "2026-02-31" is not a date of the calendar'],
    [param.json(), '{', '--top: "{" is not JSON'],
    [param.file(), 'none', '--top: the file "none" cannot be read (ENOENT)'],
    [
      param.list({ of: 'int' }),
      '1,x,y',
      '--top: "x" is not a whole number; "y" is not a whole number',
    ],
  ])('%# is refused with its reason: %s', async (declared, text, message) => {
    expect(await ofFlag(declared, text)).toMatchObject([{ parameter: 'top', message }]);
  });

  it('of a choice gets a suggestion', async () => {
    expect(await ofFlag(param.choice(['seattle', 'new-york']), 'seatle')).toEqual(
      problem('--top: "seatle" is not one of seattle, new-york', 'did you mean "seattle"?'),
    );
  });

  it('of a schema is refused with the issues of its JSON reading, and their paths', async () => {
    const schema = z.object({ a: z.object({ b: z.number() }) });
    expect(await ofFlag(param(schema), '{"a":{"b":"x"}}')).toMatchObject([
      { message: expect.stringMatching(/^--top: .*\(at a\.b\)$/) },
    ]);
  });

  it('names its variable when it comes from the environment', async () => {
    const raw = { from: 'environment', text: 'x', variable: 'MILLRACE_PARAM_TOP' } as const;
    expect(await resolve({ top: param.int() }, { top: raw })).toEqual(
      problem('MILLRACE_PARAM_TOP: "x" is not a whole number'),
    );
  });
});

describe('flags', () => {
  it('without a text mean true for booleans and are refused for the rest', async () => {
    expect(await ofFlag(param.boolean())).toEqual({ top: true });
    expect(await ofFlag(param.int())).toEqual(problem('--top: needs a value'));
  });

  it('given twice are refused, save for lists', async () => {
    expect(await ofFlag(param.int(), '1', '2')).toEqual(problem('--top: was given more than once'));
    expect(await ofFlag(param.list({ of: 'int' }), '1,2', '3')).toEqual({ top: [1, 2, 3] });
  });

  it('never carry a secret', async () => {
    const problems = await ofFlag(param.secret(), 'hunter2');
    expect(problems).toEqual(
      problem(
        '--top: a secret is never taken from the command line, where other users can read it',
        'set MILLRACE_PARAM_TOP instead',
      ),
    );
    const raw = { from: 'environment', text: 'hunter2', variable: 'MILLRACE_PARAM_TOP' } as const;
    expect(await resolve({ top: param.secret() }, { top: raw })).toEqual({ top: 'hunter2' });
  });
});

describe('without a given value', () => {
  it('the default counts, made once if it is a function', async () => {
    let calls = 0;
    const make = async () => {
      calls += 1;
      return Promise.resolve(calls);
    };
    expect(
      await resolve({ a: param.int({ default: make }), b: param.int({ default: 7 }) }, {}),
    ).toEqual({
      a: 1,
      b: 7,
    });
    expect(calls).toBe(1);
  });

  it('a made default is checked like any value', async () => {
    expect(await resolve({ top: param.int({ default: () => 0, min: 1 }) }, {})).toEqual(
      problem('the default of top: 0 is less than 1'),
    );
    const broken = param.int({
      default: () => {
        throw new Error('no network');
      },
    });
    expect(await resolve({ top: broken }, {})).toEqual(
      problem('the default of top: its function threw: no network'),
    );
  });

  it('it is undefined if optional, and else missing', async () => {
    expect(await resolve({ top: param.int({ optional: true }) }, {})).toEqual({ top: undefined });
    expect(await resolve({ top: param.choice(['a', 'b']) }, {})).toEqual(
      problem('--top is missing', 'give --top <a|b>, or set MILLRACE_PARAM_TOP'),
    );
  });

  it('a schema brings its own default', async () => {
    expect(await resolve({ top: param(z.number().default(4)) }, {})).toEqual({ top: 4 });
    expect(describeParameter('top', parameterOf(param(z.number().default(4)))).required).toBe(
      false,
    );
    expect(describeParameter('top', parameterOf(param(z.number()))).required).toBe(true);
  });

  it('a function that makes it is told of the launch', async () => {
    const declared = {
      where: param.string({ default: ({ flowName, file, cwd }) => [flowName, file, cwd].join() }),
      when: param.date({ default: ({ now }) => now }),
      size: param.json<unknown>({ default: (launch: LaunchContext) => launch.configs['train'] }),
    };
    expect(await resolve(declared, {})).toEqual({
      where: 'Flow,/flow.ts,/',
      when: NOW,
      size: { size: 4 },
    });
  });

  it('a file is read from its default path, as bytes if asked', async () => {
    const bytes = new TextEncoder().encode('héllo');
    expect(await resolve({ top: param.file({ default: 'data.txt', as: 'bytes' }) }, {})).toEqual({
      top: bytes,
    });
  });
});

describe('a file', () => {
  it('is what it says where its form is JSON or YAML', async () => {
    expect(await ofFlag(param.file({ as: 'yaml' }), 'data.yaml')).toEqual({ top: { a: [1, 2] } });
  });

  it('is what its schema makes of the content, in any form', async () => {
    const list = z.object({ a: z.array(z.number()) }).transform(({ a }) => new Set(a));
    const rows = z.string().transform((text) => text.split('\n').length);
    expect(await ofFlag(param.file({ as: 'yaml', schema: list }), 'data.yaml')).toEqual({
      top: new Set([1, 2]),
    });
    expect(await ofFlag(param.file({ schema: rows }), 'data.txt')).toEqual({ top: 1 });
  });

  it('that its schema refuses is named with the place inside the value', async () => {
    const schema = z.object({ a: z.array(z.string('no text')) });
    expect(await ofFlag(param.file({ as: 'yaml', schema }), 'data.yaml')).toEqual(
      problem('--top: the content of "data.yaml": no text (at a.0); no text (at a.1)'),
    );
  });

  it('that cannot be parsed is refused with the place', async () => {
    expect(await ofFlag(param.file({ as: 'json' }), 'broken.json')).toEqual(
      problem('--top: the file is not JSON: broken.json:2:8: "}" where a value should be'),
    );
  });
});

describe('the value of an origin run', () => {
  const from = (value: unknown, given?: RawParameter): Record<string, RawParameter> => ({
    top: { from: 'origin', value: kept(value), ...(given === undefined ? {} : { given }) },
  });

  it('is validated as the parameter is now', async () => {
    expect(await resolve({ top: param.int({ max: 3 }) }, from(3))).toEqual({ top: 3 });
    expect(await resolve({ top: param.int({ max: 3 }) }, from(4))).toEqual(
      problem("the origin's top: 4 is more than 3"),
    );
  });

  it('is for a schema what the schema was given then', async () => {
    const lengthOf = param(z.string().transform((text) => text.length));
    expect(await resolve({ top: lengthOf }, from(3, flag('abc')))).toEqual({ top: 3 });
    expect(await resolve({ top: param(z.iso.date()) }, from('abc', flag('abc')))).toEqual([
      expect.objectContaining({ message: expect.stringContaining("the origin's top: --top: ") }),
    ]);
  });

  it('is for a file its content, whatever has become of the file', async () => {
    expect(await resolve({ top: param.file() }, from('old'))).toEqual({ top: 'old' });
    expect(await resolve({ top: param.file({ as: 'bytes' }) }, from('old'))).toEqual(
      problem("the origin's top: its content is no bytes"),
    );
    const schema = z.string().transform((text) => text.length);
    expect(await resolve({ top: param.file({ schema }) }, from(3))).toEqual({ top: 3 });
  });
});

describe('resolveParameters', () => {
  it('tells all problems at once, unknown names with a suggestion', async () => {
    const declared = { top: param.int(), city: param.string() };
    expect(await resolve(declared, { top: flag('x'), ctiy: flag('y') })).toEqual([
      {
        parameter: 'ctiy',
        message: 'the flow has no parameter "ctiy"',
        hint: 'did you mean "city"?',
      },
      { parameter: 'top', message: '--top: "x" is not a whole number' },
      {
        parameter: 'city',
        message: '--city is missing',
        hint: 'give --city <string>, or set MILLRACE_PARAM_CITY',
      },
    ]);
  });

  it('checks values from code by their type', async () => {
    const code = (value: string | number | string[]): RawParameter => ({ from: 'code', value });
    expect(await resolve({ top: param.int() }, { top: code('5') })).toEqual([
      expect.objectContaining({ message: 'top: "5" is not a whole number' }),
    ]);
    expect(
      await resolve({ top: param.list({ of: 'date' }) }, { top: code(['2026-01-01']) }),
    ).toEqual({
      top: [new Date('2026-01-01')],
    });
  });

  it('reads back every whole number, number and list of words', async () => {
    const words = fc.array(fc.stringMatching(/^[a-z]+$/), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        words,
        async (whole, decimal, list) => {
          const declared = { whole: param.int(), decimal: param.number(), list: param.list() };
          const raw = {
            whole: flag(`${whole}`),
            decimal: flag(`${decimal}`),
            list: flag(list.join(',')),
          };
          expect(await resolve(declared, raw)).toEqual({
            whole,
            decimal: Number(`${decimal}`),
            list,
          });
        },
      ),
    );
  });
});
