import { accessorField } from './accessor-field.ts';
import { ambiguousInJoin } from './ambiguous-in-join.ts';
import { catchWayOn } from './catch-way-on.ts';
import { classUnreadable } from './class-unreadable.ts';
import { definitionProblems } from './definition-problems.ts';
import { edgeIntoStart } from './edge-into-start.ts';
import { fieldHidesStep } from './field-hides-step.ts';
import { gangLoop } from './gang-loop.ts';
import { gangSize } from './gang-size.ts';
import { initialiserReadsParameter } from './initialiser-reads-parameter.ts';
import { limitConflict } from './limit-conflict.ts';
import type { ShapeRule, SourceRule, Summaries } from './lint-rule.ts';
import { nextCalls } from './next-calls.ts';
import { oneCase } from './one-case.ts';
import { parameterAssigned } from './parameter-assigned.ts';
import { parameterClash } from './parameter-clash.ts';
import { shapeFindings } from './shape-findings.ts';
import { startAndEnd } from './start-and-end.ts';
import { stepName } from './step-name.ts';
import { takesArgument } from './takes-argument.ts';
import { unknownStep } from './unknown-step.ts';
import { unreachableStep } from './unreachable-step.ts';
import { unsetField } from './unset-field.ts';

export const SOURCE_RULES: readonly SourceRule[] = [
  classUnreadable,
  definitionProblems,
  stepName,
  startAndEnd,
  takesArgument,
  nextCalls,
  unknownStep,
  oneCase,
  edgeIntoStart,
  catchWayOn,
  gangSize,
  limitConflict,
  fieldHidesStep,
  accessorField,
  parameterAssigned,
  parameterClash,
  initialiserReadsParameter,
];

export const SHAPE_RULES: readonly ShapeRule[] = [
  shapeFindings,
  gangLoop,
  unreachableStep,
  unsetField,
  ambiguousInJoin,
];

/** Every code that lint knows. */
export function ruleSummaries(): Summaries {
  const all = [...SOURCE_RULES, ...SHAPE_RULES].map(({ summaries }) => summaries);
  return Object.fromEntries(all.flatMap((summaries) => Object.entries(summaries)));
}
