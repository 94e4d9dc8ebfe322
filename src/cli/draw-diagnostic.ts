import { readFileSync } from 'node:fs';
import type { JsonObject } from '../base/json.ts';
import { formatDiagnostic } from '../graph/render/format-diagnostic.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { shortenPath } from '../observe/shorten-path.ts';

/** With an excerpt of the user's file, as it is on the disk now; paths relative to `cwd`. */
export function drawDiagnostic(diagnostic: Diagnostic, cwd: string): string {
  const { span, ...rest } = diagnostic;
  if (span === undefined) return formatDiagnostic(diagnostic, () => undefined);
  const short = { ...rest, span: { ...span, file: shortenPath(span.file, cwd) } };
  return formatDiagnostic(short, (_file, line) => lineOfFile(span.file, line));
}

export function diagnosticData(diagnostic: Diagnostic): JsonObject {
  const { code, severity, message, hint, span } = diagnostic;
  return {
    code,
    severity,
    message,
    hint: hint ?? null,
    span: span === undefined ? null : { ...span },
  };
}

const linesOfFiles = new Map<string, readonly string[]>();

function lineOfFile(file: string, line: number): string | undefined {
  let lines = linesOfFiles.get(file);
  if (lines === undefined) {
    lines = readLines(file);
    linesOfFiles.set(file, lines);
  }
  return lines[line - 1];
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    // The excerpt is a courtesy; the message stands without it.
    return [];
  }
}
