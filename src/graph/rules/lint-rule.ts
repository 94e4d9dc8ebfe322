import type { Diagnostic } from '../../model/diagnostic.ts';
import type { FieldUse } from '../fields/field-use.ts';
import type { FlowShape } from '../shape/shape.ts';
import type { FlowSource, Place } from '../source/flow-source.ts';
import type { SourceMap } from '../source-map.ts';

/** What a rule says; where no place is given, it is about the flow as a whole. */
export interface Complaint {
  readonly code: string;
  /** Absent: an error. */
  readonly severity?: Diagnostic['severity'];
  readonly message: string;
  readonly hint?: string;
  readonly place?: Place | undefined;
}

export interface LintContext {
  readonly source: FlowSource;
  readonly fields: FieldUse;
  readonly map: SourceMap;
  readonly reservedOptions: readonly string[];
}

export interface ShapeContext extends LintContext {
  readonly shape: FlowShape;
}

/** Per code, in one sentence what the rule asks for: docs/lint.md lists them. */
export type Summaries = { readonly [code: string]: string };

/** Looks at the text of single steps and fields. */
export interface SourceRule {
  readonly summaries: Summaries;
  check(context: LintContext): readonly Complaint[];
}

/**
 * Looks at how steps hang together: only asked where there is a start. Where transitions could not be
 * read (`shape.isWhole`), it says only what holds whatever they are.
 */
export interface ShapeRule {
  readonly summaries: Summaries;
  check(context: ShapeContext): readonly Complaint[];
}

export function toDiagnostic(complaint: Complaint, context: LintContext, file: string): Diagnostic {
  const { code, severity = 'error', message, hint, place } = complaint;
  const span = context.map.spanOf(place) ?? { file, line: 1, column: 1, length: 1 };
  return { code, severity, message, ...(hint === undefined ? {} : { hint }), span };
}
