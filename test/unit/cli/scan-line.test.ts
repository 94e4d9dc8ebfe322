import { describe, expect, it } from 'vitest';
import { RUN_OPTIONS } from '../../../src/cli/run-options.ts';
import { scanLine } from '../../../src/cli/scan-line.ts';

const scan = (line: string) => scanLine(RUN_OPTIONS, line.split(' '));

describe('the first pass over a run line', () => {
  it.each([
    ['f.ts', 'f.ts'],
    ['--max-workers 4 f.ts', 'f.ts'],
    ['--max-workers=4 f.ts', 'f.ts'],
    ['--run.tag x f.ts', 'f.ts'],
    ['--json f.ts', 'f.ts'],
    ['f.ts --rows 5', 'f.ts'],
    ['-- f.ts', undefined],
  ])('finds the file of %j', (line, file) => {
    expect(scan(line).words[0]).toBe(file);
  });

  it('knows the values of our own options', () => {
    expect(scan('--store a f.ts --store=b').given.get('store')).toEqual(['a', 'b']);
  });

  it('remembers strange options before the file, whose value may be taken for it', () => {
    expect(scan('--rows 5 f.ts --more').unknownBeforeWord).toEqual(['--rows']);
  });
});
