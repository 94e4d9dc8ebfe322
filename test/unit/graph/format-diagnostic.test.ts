import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../src/graph/render/format-diagnostic.ts';
import type { Diagnostic } from '../../../src/model/diagnostic.ts';

function draw(line: string | undefined, marked: string, more: Partial<Diagnostic> = {}): string {
  const column = (line?.indexOf(marked) ?? 0) + 1;
  const span = { file: 'flow.ts', line: 12, column, length: marked.length };
  const found = { code: 'no-next', severity: 'error', message: 'it stops', span, ...more } as const;
  return formatDiagnostic(found, () => line);
}

describe('a problem as text', () => {
  it('marks what it is about and ends with the remedy', () => {
    expect(draw('  @step work() {', 'work', { hint: 'go on' })).toBe(
      [
        'flow.ts:12:9: error[no-next] it stops',
        '  12 |   @step work() {',
        '     |         ^^^^',
        '  hint: go on',
      ].join('\n'),
    );
  });

  it('keeps tabs, so that the caret stands right whatever they mean', () => {
    expect(draw('\tx\twork()', 'work')).toContain('\n     | \t \t^^^^');
  });

  it('counts wide characters as two columns, and marks as none', () => {
    expect(draw("'漢字é👍'; work()", 'work')).toContain(`\n     | ${' '.repeat(11)}^^^^`);
    expect(draw('this.漢 = 1', 'this.漢')).toContain(`\n     | ${'^'.repeat(7)}`);
  });

  it('does without an excerpt where the file is gone, and without a place', () => {
    expect(draw(undefined, 'x')).toBe('flow.ts:12:1: error[no-next] it stops');
    const found = { code: 'no-next', severity: 'warning', message: 'it stops' } as const;
    expect(formatDiagnostic(found, () => undefined)).toBe('warning[no-next] it stops');
  });
});
