import { stripVTControlCharacters } from 'node:util';
import { textWidth } from '../base/text-width.ts';

/** Columns as wide as their widest cell, two spaces between them. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, visibleWidth(cell));
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - visibleWidth(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function visibleWidth(cell: string): number {
  return textWidth(stripVTControlCharacters(cell));
}
