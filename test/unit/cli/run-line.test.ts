import { describe, expect, it } from 'vitest';
import { formatHelp } from '../../../src/cli/parse-line.ts';
import { parseRunLine, runLineSpec } from '../../../src/cli/run-line.ts';
import { RUN_OPTIONS } from '../../../src/cli/run-options.ts';
import type { ParameterDefinition } from '../../../src/model/definition.ts';
import { isFlowError } from '../../../src/model/errors.ts';

const PARAMETERS: readonly ParameterDefinition[] = [
  {
    name: 'batchSize',
    kind: 'int',
    required: false,
    defaultText: '3',
    min: 1,
    help: 'rows at once',
  },
  { name: 'city', kind: 'choice', required: true, choices: ['rome', 'oslo'] },
  { name: 'dryRun', kind: 'boolean', required: false, defaultText: 'false' },
  { name: 'years', kind: 'list', required: false, element: 'int' },
  { name: 'apiKey', kind: 'secret', required: false },
];

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

function parse(line: string, environment = {}, parameters = PARAMETERS) {
  return parseRunLine({ tokens: words(line), parameters, environment });
}

function hintOf(line: string): string | undefined {
  try {
    parse(line);
  } catch (error) {
    if (isFlowError(error)) return error.hint;
    throw error;
  }
  return 'accepted';
}

describe('the second pass over a run line', () => {
  it('gives each parameter its texts under its own name', () => {
    const { parameters } = parse('f.ts --batch-size -5 --no-dry-run --years 1 --years 2,3');
    expect({ ...parameters }).toEqual({
      batchSize: { from: 'flag', texts: ['-5'] },
      dryRun: { from: 'flag', texts: ['false'] },
      years: { from: 'flag', texts: ['1', '2,3'] },
    });
  });

  it('reads a parameter from the environment unless a flag gives it', () => {
    const environment = { MILLRACE_PARAM_BATCH_SIZE: '7', MILLRACE_PARAM_CITY: 'oslo' };
    const { parameters } = parse('f.ts --city rome', environment);
    expect({ ...parameters }).toEqual({
      batchSize: { from: 'environment', text: '7', variable: 'MILLRACE_PARAM_BATCH_SIZE' },
      city: { from: 'flag', texts: ['rome'] },
    });
  });

  it('hands on what was given twice, for the flow to refuse with all other problems', () => {
    expect(parse('f.ts --city rome --city oslo').parameters['city']).toEqual({
      from: 'flag',
      texts: ['rome', 'oslo'],
    });
  });

  it('suggests among the options and the parameters', () => {
    expect(hintOf('f.ts --batchsize 3')).toBe('did you mean "--batch-size"?');
    expect(hintOf('f.ts --max-worker 3')).toBe('did you mean "--max-workers"?');
    expect(hintOf('f.ts --no-dry-rnu')).toBe('did you mean "--no-dry-run"?');
  });

  it('takes everything after -- as a parameter', () => {
    const { parameters, options } = parse('f.ts --tag a -- --batch-size 4');
    expect(parameters['batchSize']).toEqual({ from: 'flag', texts: ['4'] });
    expect(options.texts('tag')).toEqual(['a']);
    expect(hintOf('f.ts -- --tag a')).toBeDefined();
    expect(hintOf('f.ts -- --tag a')).not.toBe('accepted');
  });

  it('lets a parameter have the name of an option, which --run. still reaches', () => {
    const parameters: ParameterDefinition[] = [{ name: 'tag', kind: 'string', required: false }];
    const line = parse('f.ts --tag mine --run.tag ours', {}, parameters);
    expect(line.parameters['tag']).toEqual({ from: 'flag', texts: ['mine'] });
    expect(line.options.texts('tag')).toEqual(['ours']);
  });

  it.each(RUN_OPTIONS)('reaches --run.$name', ({ name, value }) => {
    const tokens = value === undefined ? [`--run.${name}`] : [`--run.${name}`, 'x'];
    const { options } = parseRunLine({
      tokens: ['f.ts', ...tokens],
      parameters: [],
      environment: {},
    });
    expect(options.text(name)).toBe(value === undefined ? 'true' : 'x');
  });

  it('counts an option and its --run. form as one', () => {
    expect(() => parse('f.ts --grace 1s --run.grace 2s')).toThrow('--grace may be given only once');
  });

  it('cannot be fooled by names of the object prototype', () => {
    const parameters: ParameterDefinition[] = [
      { name: '__proto__', kind: 'string', required: false },
    ];
    const line = parse('f.ts --proto x', {}, parameters);
    expect(Object.getOwnPropertyNames(line.parameters)).toEqual(['__proto__']);
  });
});

describe('the help of a run', () => {
  it('lists the options of run and the parameters of the flow', () => {
    expect(formatHelp(runLineSpec(PARAMETERS, 'Parameters of Weather:'), 100)).toMatchSnapshot();
  });
});
