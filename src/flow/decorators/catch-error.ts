import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

/**
 * Lets the run go on when the step fails for good (after its retries, if any): the task's artifacts
 * are then its inputs, and the failure in the named field. The step's one transition is taken.
 *
 * @param field The field that receives the failure; it should be declared on the flow.
 * @example @catchError('problem')
 */
export function catchError(field: string): StepDecorator {
  requireOptions('catchError', [...arguments]);
  return policyDecorator(readCatchError(field));
}

export function readCatchError(field: string): PolicyPart {
  const problems = new OptionProblems('catchError');
  problems.check(typeof field === 'string' && /^[\p{L}$][\p{L}\p{N}_$]*$/u.test(field), {
    message: `${JSON.stringify(field) ?? 'undefined'} is no name of an artifact`,
    hint: "name the field that receives the failure, as in @catchError('problem')",
  });
  return {
    decorator: 'catchError',
    text: `catchError(${field})`,
    policy: { catch: { field } },
    problems: problems.found,
  };
}
