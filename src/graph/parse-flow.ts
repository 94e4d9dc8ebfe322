import type { FlowDefinition } from '../model/definition.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { FlowGraph } from '../model/graph.ts';
import type { SourceLocator } from '../model/ports/source-locator.ts';
import { buildGraph } from './build-graph.ts';
import { FieldUse } from './fields/field-use.ts';
import { type LintContext, toDiagnostic } from './rules/lint-rule.ts';
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

export function parseFlow(definition: FlowDefinition, options: ParseOptions): ParsedFlow {
  const { locator, file, reservedOptions } = options;
  const source = readSource(definition);
  const fields = new FieldUse(source);
  const map = new SourceMap(definition, locator);
  const context: LintContext = { source, fields, map, reservedOptions };
  const shape = findShape(source);
  const complaints = [
    ...SOURCE_RULES.flatMap((rule) => rule.check(context)),
    ...(shape === undefined
      ? []
      : SHAPE_RULES.flatMap((rule) => rule.check({ ...context, shape }))),
  ];
  const diagnostics = inOrder(complaints.map((found) => toDiagnostic(found, context, file)));
  const isSound = diagnostics.every(({ severity }) => severity !== 'error');
  const graph = shape && isSound ? buildGraph({ source, shape, fields, map }) : undefined;
  return { graph, diagnostics };
}

/** By position; what is said twice of one place, once: a method may serve several steps. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const kept = diagnostics.filter(({ code, message, span }) => {
    const place = `${span?.file}:${span?.line}:${span?.column}:${code}`;
    const key = code === 'unset-field' ? place : `${place}:${message}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  return kept.toSorted(compare);
}

function compare(
  { span: a, code: left }: Diagnostic,
  { span: b, code: right }: Diagnostic,
): number {
  if (a === undefined || b === undefined) return 0;
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || (left < right ? -1 : 1);
}
