import type { FlowDefinition } from '../model/definition.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { SourceLocator } from '../model/ports/source-locator.ts';
import { buildGraph } from './build-graph.ts';
import { FieldUse } from './fields/field-use.ts';
import { type Complaint, type LintContext, toDiagnostic } from './rules/lint-rule.ts';
import { SHAPE_RULES, SOURCE_RULES } from './rules/rules.ts';
import { findShape } from './shape/shape.ts';
import { readSource } from './source/flow-source.ts';
import { SourceMap } from './source-map.ts';

export interface ParseOptions {
  readonly locator: SourceLocator;
  /** The flow's file, for what has no place of its own. */
  readonly file: string;
  /** Names of run options, which parameters must not take. */
  readonly reservedOptions: readonly string[];
}

export interface ParsedFlow {
  /** Present iff no diagnostic is an error. */
  readonly graph: FlowGraph | undefined;
  /** All problems, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Codes after which edges are missing, so that the shape would complain about what follows. */
const HOLES: ReadonlySet<string> = new Set([
  'no-next',
  'next-twice',
  'unreadable-next',
  'unknown-step',
  'no-start',
  'edge-into-start',
  'class-unreadable',
  'takes-argument',
]);

export function parseFlow(definition: FlowDefinition, options: ParseOptions): ParsedFlow {
  const { locator, file, reservedOptions } = options;
  const source = readSource(definition);
  const fields = new FieldUse(source);
  const map = new SourceMap(definition, locator);
  const context: LintContext = { source, fields, map, reservedOptions };
  const complaints: Complaint[] = SOURCE_RULES.flatMap((rule) => rule.check(context));
  const whole = !complaints.some(({ code }) => HOLES.has(code));
  const shape = whole ? findShape(source) : undefined;
  if (shape !== undefined) {
    for (const rule of SHAPE_RULES) complaints.push(...rule.check({ ...context, shape }));
  }
  if (complaints.length === 0 && shape !== undefined) {
    return { graph: buildGraph({ source, shape, fields, map }), diagnostics: [] };
  }
  return {
    graph: undefined,
    diagnostics: inOrder(complaints.map((complaint) => toDiagnostic(complaint, context, file))),
  };
}

/** By position; where two rules say the same of one place, once. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyOf = ({ code, span }: Diagnostic): string =>
    `${span?.file}:${span?.line}:${span?.column}:${code}`;
  return [...new Map(diagnostics.map((found) => [keyOf(found), found])).values()].toSorted(compare);
}

function compare(
  { span: a, code: left }: Diagnostic,
  { span: b, code: right }: Diagnostic,
): number {
  if (a === undefined || b === undefined) return 0;
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || (left < right ? -1 : 1);
}
