import type { Json } from '../base/json.ts';
import { EXIT, type FlowError, isFlowError } from '../model/errors.ts';
import type { StackFrame } from '../model/failure.ts';
import { formatFrame } from '../observe/format-frame.ts';
import { diagnosticData, drawDiagnostic } from './draw-diagnostic.ts';
import type { Colors } from './host.ts';
import { asSystemLimit } from './system-limit.ts';

export interface ErrorView {
  readonly colors: Colors;
  readonly cwd: string;
  /** Print one JSON object instead. */
  readonly json: boolean;
}

export interface PrintedError {
  readonly text: string;
  readonly exitCode: number;
}

/** Bad input is told in a sentence; only a bug of ours shows our stack. */
export function printError(thrown: unknown, view: ErrorView): PrintedError {
  const error = asSystemLimit(thrown);
  if (!isFlowError(error)) return printBug(error, view);
  const text = view.json
    ? `${JSON.stringify({ error: errorData(error) })}\n`
    : errorText(error, view);
  return { text, exitCode: error.exitCode };
}

function errorData(error: FlowError): Json {
  return {
    code: error.code,
    message: error.message,
    hint: error.hint ?? null,
    exitCode: error.exitCode,
    diagnostics: error.diagnostics.map(diagnosticData),
    details: error.details ?? null,
  };
}

function errorText(error: FlowError, { colors, cwd }: ErrorView): string {
  const lines = [
    ...error.diagnostics.map((diagnostic) => `${drawDiagnostic(diagnostic, cwd)}\n`),
    `${colors.red('error:')} ${error.message}`,
    ...framesOf(error.details).map((frame) => `    ${formatFrame(frame, cwd)}`),
    ...outputOf(error.details).map((line) => `    | ${line}`),
    ...(error.hint === undefined ? [] : [`${colors.cyan('hint:')} ${error.hint}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function printBug(error: unknown, view: ErrorView): PrintedError {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = message.startsWith('This is a bug in Millrace')
    ? message
    : `This is a bug in Millrace: ${message}`;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const text = view.json
    ? `${JSON.stringify({ error: { code: 'BUG', message: sentence, exitCode: EXIT.bug, stack } })}\n`
    : `${view.colors.red('error:')} ${sentence}\n${stack}\n${view.colors.cyan('hint:')} please report it, with the text above\n`;
  return { text, exitCode: EXIT.bug };
}

/** The frames of a failure that an error carries in its details (an import that threw). */
function framesOf(details: Json | undefined): readonly StackFrame[] {
  const frames = field(field(details, 'failure'), 'frames');
  return Array.isArray(frames) ? frames.flatMap(readFrame).filter((frame) => frame.own) : [];
}

function readFrame(json: Json): readonly StackFrame[] {
  const [file, line, column] = [field(json, 'file'), field(json, 'line'), field(json, 'column')];
  const name = field(json, 'function');
  if (typeof file !== 'string' || typeof line !== 'number' || typeof column !== 'number') return [];
  const own = field(json, 'own') === true;
  return [{ file, line, column, own, ...(typeof name === 'string' ? { function: name } : {}) }];
}

const OUTPUT_LINES = 20;

function outputOf(details: Json | undefined): readonly string[] {
  const output = field(details, 'output');
  if (typeof output !== 'string' || output.trim() === '') return [];
  return output.trimEnd().split('\n').slice(-OUTPUT_LINES);
}

function field(json: Json | undefined, name: string): Json | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  return Object.entries(json).find(([key]) => key === name)?.[1];
}
