import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import type { OptionSpec } from '../../../src/cli/option-spec.ts';
import { type LineSpec, parseLine } from '../../../src/cli/parse-line.ts';
import { RUN_OPTIONS } from '../../../src/cli/run-options.ts';
import { isFlowError } from '../../../src/model/errors.ts';

const SPEC: LineSpec = {
  name: 'flow try',
  summary: 'Tries.',
  arguments: [{ name: 'file', help: 'a file' }],
  options: [
    { name: 'count', value: 'number', help: 'how many' },
    { name: 'tag', value: 'tag', help: 'a label', repeatable: true },
    { name: 'loud', help: 'with noise', negatable: true },
  ],
};

function refusal(line: string, spec = SPEC): string {
  try {
    parseLine(spec, words(line));
  } catch (error) {
    if (isFlowError(error)) return `${error.code}: ${error.message} (${error.hint ?? ''})`;
    throw error;
  }
  return 'accepted';
}

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

describe('a command line', () => {
  it('takes options before, between and after words', () => {
    const parsed = parseLine(SPEC, words('--count 3 file.ts --tag a --tag=b --no-loud'));
    expect(parsed.words).toEqual(['file.ts']);
    expect([...parsed.given]).toEqual([
      ['count', ['3']],
      ['tag', ['a', 'b']],
      ['loud', ['false']],
    ]);
  });

  it('takes a negative number as a value', () => {
    expect(parseLine(SPEC, words('f --count -5')).given.get('count')).toEqual(['-5']);
  });

  it('takes a value that looks like an option after an equals sign only', () => {
    expect(parseLine(SPEC, words('f --tag=--loud')).given.get('tag')).toEqual(['--loud']);
    expect(refusal('f --tag --loud')).toContain('--tag needs a value, but "--loud" follows it');
  });

  it.each([
    ['f --cuont 3', 'OPTION_UNKNOWN: unknown option --cuont (did you mean "--count"?)'],
    ['f --no-luod', 'did you mean "--no-loud"?'],
    ['f --loud=false', '--loud takes no value: write --loud or --no-loud'],
    ['f --no-loud=1', '--no-loud takes no value: write --loud or --no-loud'],
    ['f --count', 'OPTION_VALUE_MISSING: --count needs a value'],
    ['f --count 1 --count 2', 'OPTION_REPEATED: --count may be given only once'],
    ['f --loud --no-loud', 'OPTION_REPEATED: --loud may be given only once'],
    ['f g', 'ARGUMENT_EXCESS: flow try takes one argument only'],
    ['', 'ARGUMENT_MISSING: flow try needs a file (write flow try FILE)'],
    ['f -x', 'OPTION_UNKNOWN: unknown option -x (see flow try --help)'],
  ])('%j is refused in a sentence', (line, message) => {
    expect(refusal(line)).toContain(message);
  });
});

describe.each([
  ...COMMANDS,
  { name: 'run', summary: '', arguments: [{ name: 'file', help: '' }], options: RUN_OPTIONS },
])('flow $name', (command) => {
  const spec = { ...command, name: `flow ${command.name}` };
  const required = command.arguments.map(() => 'word');
  const tokensOf = (option: OptionSpec): string[] =>
    option.value === undefined ? [`--${option.name}`] : [`--${option.name}`, 'x'];

  it.each(command.options)('knows --$name', (option) => {
    const { given, words: found } = parseLine(spec, [...required, ...tokensOf(option)]);
    expect(given.get(option.name)).toEqual([option.value === undefined ? 'true' : 'x']);
    expect(found).toEqual(required);
  });
});
