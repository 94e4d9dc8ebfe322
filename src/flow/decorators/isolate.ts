import { didYouMean } from '../../base/suggest.ts';
import type { StepIsolation } from '../../model/definition.ts';
import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

const KINDS: readonly StepIsolation[] = ['process', 'fresh', 'pooled'];

/**
 * Where the step's tasks run. `process` (the default): each in a process of its own, which may have
 * been started, and may have imported the flow, ahead of its task. `fresh`: its process is started
 * when the task is, for flows whose import has effects. `pooled`: processes that run many tasks, one
 * at a time, for tasks so short that starting a process is most of their time; what a task leaves in
 * modules is there for the next. A step's own beats what the run says.
 *
 * @example @isolate('fresh')
 * @example @isolate('pooled')
 */
export function isolate(kind: StepIsolation): StepDecorator {
  requireOptions('isolate', [...arguments]);
  return policyDecorator(readIsolate(kind));
}

export function readIsolate(given: unknown): PolicyPart {
  const problems = new OptionProblems('isolate');
  const kind = KINDS.find((known) => known === given);
  problems.check(kind !== undefined, {
    message: `${JSON.stringify(given) ?? String(given)} is no isolation`,
    hint: didYouMean(String(given), KINDS) ?? `write one of ${KINDS.join(', ')}`,
  });
  return {
    decorator: 'isolate',
    text: `isolate(${String(given)})`,
    policy: kind === undefined ? {} : { isolation: kind },
    problems: problems.found,
  };
}
