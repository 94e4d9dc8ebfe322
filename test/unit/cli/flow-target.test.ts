import { describe, expect, it } from 'vitest';
import { parseFlowTarget } from '../../../src/cli/flow-target.ts';

describe('a flow file on the command line', () => {
  it.each([
    ['a.ts', { file: 'a.ts' }],
    ['a.ts:Weather', { file: 'a.ts', flow: 'Weather' }],
    ['b:c/a.ts:Weather', { file: 'b:c/a.ts', flow: 'Weather' }],
    ['b:c/a.ts', { file: 'b:c/a.ts' }],
    ['a.ts:', { file: 'a.ts:' }],
    [':Weather', { file: ':Weather' }],
  ])('%s splits at its last colon, if a class name follows', (text, target) => {
    expect(parseFlowTarget(text)).toEqual(target);
  });
});
