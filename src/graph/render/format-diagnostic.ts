import { textWidth } from '../../base/text-width.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';

/** `file:line:column: error[code] message`, the line with carets below it, and the remedy. */
export function formatDiagnostic(
  { code, severity, message, hint, span }: Diagnostic,
  lineOf: (file: string, line: number) => string | undefined,
): string {
  const where = span === undefined ? '' : `${span.file}:${span.line}:${span.column}: `;
  const lines = [`${where}${severity}[${code}] ${message}`];
  const text = span && lineOf(span.file, span.line);
  if (span !== undefined && text !== undefined) {
    const margin = String(span.line);
    const marked = text.slice(span.column - 1, span.column - 1 + span.length);
    const carets = '^'.repeat(Math.max(1, textWidth(marked)));
    lines.push(`  ${margin} | ${text}`);
    lines.push(
      `  ${' '.repeat(margin.length)} | ${blank(text.slice(0, span.column - 1))}${carets}`,
    );
  }
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

/** As wide as the text; tabs stay tabs, so that the caret stands below what it means. */
function blank(text: string): string {
  return text
    .split('\t')
    .map((part) => ' '.repeat(textWidth(part)))
    .join('\t');
}
