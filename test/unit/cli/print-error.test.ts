import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { printError } from '../../../src/cli/print-error.ts';
import { FlowError, InternalError } from '../../../src/model/errors.ts';

const view = { colors: createColors(false), cwd: '/home/me', json: false };

describe('an error', () => {
  it('of the user is a sentence and a hint, without a stack', () => {
    const error = new FlowError('the store is full', { code: 'STORE_FULL', hint: 'make room' });
    expect(printError(error, view)).toEqual({
      text: 'error: the store is full\nhint: make room\n',
      exitCode: 2,
    });
  });

  it('keeps the exit code that it came with', () => {
    expect(printError(new FlowError('x', { code: 'X', exitCode: 1 }), view).exitCode).toBe(1);
  });

  it('of an import shows only the frames of the user', () => {
    const frames = [
      { function: 'load', file: '/home/me/node_modules/x.js', line: 1, column: 1, own: false },
      { file: '/home/me/flow.ts', line: 4, column: 7, own: true },
    ];
    const error = new FlowError('flow.ts could not be imported: Error: no', {
      code: 'FLOW_IMPORT_FAILED',
      details: { failure: { kind: 'user-error', frames } },
    });
    expect(printError(error, view).text).toBe(
      'error: flow.ts could not be imported: Error: no\n    at flow.ts:4:7\n',
    );
  });

  it('of an import that ended its process shows its last output', () => {
    const output = Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n');
    const error = new FlowError('it ended', { code: 'FLOW_IMPORT_EXITED', details: { output } });
    const lines = printError(error, view).text.split('\n');
    expect(lines[1]).toBe('    | line 10');
    expect(lines.at(-2)).toBe('    | line 29');
  });

  it('draws every problem that it carries, before the sentence', () => {
    const diagnostics = ['first', 'second'].map((message) => ({
      code: 'a-rule',
      severity: 'error' as const,
      message,
    }));
    const { text } = printError(new FlowError('2 problems', { code: 'X', diagnostics }), view);
    expect(text.indexOf('first')).toBeLessThan(text.indexOf('second'));
    expect(text.indexOf('second')).toBeLessThan(text.indexOf('2 problems'));
    expect(text.indexOf('first')).toBeGreaterThanOrEqual(0);
  });

  it.each([new InternalError('no such state'), new Error('no such state')])(
    'of ours says that it is a bug, once, with the stack',
    (error) => {
      const { text, exitCode } = printError(error, view);
      expect(exitCode).toBe(70);
      expect(text).toMatch(/^error: This is a bug in Millrace: no such state\n/);
      expect(text).toContain('print-error.test.ts');
    },
  );

  it('is one line of JSON where that was asked for', () => {
    const { text } = printError(new InternalError('x'), { ...view, json: true });
    expect(text.trimEnd()).not.toContain('\n');
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'BUG', exitCode: 70 } });
  });
});
