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
    // Tabs stay tabs, so that the caret stands below what it means.
    const indent = text.slice(0, span.column - 1).replaceAll(/[^\t]/g, ' ');
    lines.push(`  ${margin} | ${text}`);
    lines.push(`  ${' '.repeat(margin.length)} | ${indent}${'^'.repeat(span.length)}`);
  }
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}
