import { definitionProblems } from './definition-problems.ts';
import type { ShapeRule, SourceRule } from './lint-rule.ts';
import { nextCalls } from './next-calls.ts';
import { shapeFindings } from './shape-findings.ts';
import { startAndEnd } from './start-and-end.ts';
import { stepNames } from './step-names.ts';
import { targets } from './targets.ts';
import { unreachable } from './unreachable.ts';

export const SOURCE_RULES: readonly SourceRule[] = [
  definitionProblems,
  stepNames,
  startAndEnd,
  nextCalls,
  targets,
];

export const SHAPE_RULES: readonly ShapeRule[] = [shapeFindings, unreachable];
