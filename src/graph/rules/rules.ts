import { definitionProblems } from './definition-problems.ts';
import { fanOuts } from './fan-outs.ts';
import { fieldNames } from './field-names.ts';
import { joinReads } from './join-reads.ts';
import type { ShapeRule, SourceRule } from './lint-rule.ts';
import { nextCalls } from './next-calls.ts';
import { parameters } from './parameters.ts';
import { shapeFindings } from './shape-findings.ts';
import { startAndEnd } from './start-and-end.ts';
import { stepNames } from './step-names.ts';
import { targets } from './targets.ts';
import { unreachable } from './unreachable.ts';
import { unsetField } from './unset-field.ts';

export const SOURCE_RULES: readonly SourceRule[] = [
  definitionProblems,
  stepNames,
  startAndEnd,
  nextCalls,
  targets,
  fieldNames,
  parameters,
];

export const SHAPE_RULES: readonly ShapeRule[] = [
  shapeFindings,
  unreachable,
  fanOuts,
  unsetField,
  joinReads,
];
