import { describe, expect, it } from 'vitest';
import { parsePathspec, parseTaskPathspec } from '../../../src/model/pathspec.ts';

const FLOWS = ['Weather', 'etl'];
const ID = '1hf7yat00pae5';

describe('a pathspec', () => {
  it.each([
    [`Weather/${ID}`, { run: `Weather/${ID}` }],
    [
      `Weather/${ID}/work/3/mean`,
      { run: `Weather/${ID}`, step: 'work', position: '3', artifact: 'mean' },
    ],
    [`${ID}/work/3.r2`, { run: ID, step: 'work', position: '3.r2' }],
    [`${ID}/work`, { run: ID, step: 'work' }],
    ['latest/work/3', { run: 'latest', step: 'work', position: '3' }],
    ['etl/latest/work', { run: 'etl/latest', step: 'work' }],
    ['pae5/work/3', { run: 'pae5', step: 'work', position: '3' }],
    ['latest', { run: 'latest' }],
  ])('%s', (text, pathspec) => {
    expect(parsePathspec(text, FLOWS)).toEqual(pathspec);
  });

  it('takes a flow that the store does not know for a flow where it looks like one', () => {
    expect(parsePathspec('Wether/latest', FLOWS)).toEqual({ run: 'Wether/latest' });
    expect(parsePathspec(`elt/${ID}/work`, FLOWS)).toEqual({ run: `elt/${ID}`, step: 'work' });
  });

  it.each(['', '/', 'latest/', 'latest//3', `Weather/${ID}/work/3/mean/more`])(
    'is not %j',
    (text) => {
      expect(() => parsePathspec(text, FLOWS)).toThrow(
        expect.objectContaining({ code: 'PATHSPEC_INVALID' }),
      );
    },
  );

  it('says what a position is where there is none', () => {
    expect(() => parsePathspec('latest/work/mean', FLOWS)).toThrow(
      'In "latest/work/mean", "mean" is no position of a task.',
    );
  });

  it('leaves the run out where that is named elsewhere', () => {
    expect(parseTaskPathspec('work/3/mean')).toEqual({
      step: 'work',
      position: '3',
      artifact: 'mean',
    });
    expect(() => parseTaskPathspec('work/')).toThrow(/names nothing/);
  });
});
