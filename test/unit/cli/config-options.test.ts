import { describe, expect, it } from 'vitest';
import { joinConfigPairs, readConfigOptions } from '../../../src/cli/config-options.ts';
import { GivenOptions } from '../../../src/cli/given-options.ts';

describe('the two values of --config', () => {
  it.each<[string[], string[]]>([
    [
      ['--config', 'train', 'a.yaml', 'flow.ts'],
      ['--config', 'train=a.yaml', 'flow.ts'],
    ],
    [
      ['--config', 'train=a.yaml', 'flow.ts'],
      ['--config', 'train=a.yaml', 'flow.ts'],
    ],
    [
      ['--run.config-value', 'n', '-5'],
      ['--run.config-value', 'n=-5'],
    ],
    [
      ['--config', 'train', '--json'],
      ['--config', 'train', '--json'],
    ],
    [
      ['--config', '--json', 'x'],
      ['--config', '--json', 'x'],
    ],
    [['--config'], ['--config']],
    [
      ['--config', 'a', 'b', '--', '--config', 'c', 'd'],
      ['--config', 'a=b', '--', '--config', 'c', 'd'],
    ],
  ])('%j is read as %j', (line, joined) => {
    expect(joinConfigPairs(line)).toEqual(joined);
  });

  it('are read by config, files from the working directory', () => {
    const given = new GivenOptions(
      new Map([
        ['config', ['train=a.yaml', 'train=/b.yaml']],
        ['config-value', ['n={"a":"="}']],
      ]),
    );
    expect({ ...readConfigOptions(given, '/work') }).toEqual({
      train: [
        { from: 'file', path: '/work/a.yaml' },
        { from: 'file', path: '/b.yaml' },
      ],
      n: [{ from: 'text', text: '{"a":"="}' }],
    });
  });

  it.each(['train', '=x', 'train='])('"%s" lacks one of them', (text) => {
    const given = new GivenOptions(new Map([['config', [text]]]));
    expect(() => readConfigOptions(given, '/')).toThrow(`--config ${text} needs two values`);
  });
});
