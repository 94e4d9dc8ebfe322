import type { CatchPolicy } from '../../model/definition.ts';
import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

/** How the flow goes on from a failed step whose text leaves a choice. */
export interface CatchErrorOptions {
  /** On a switch: the case that is taken, by its key. */
  readonly take?: string | number | boolean;
  /** On a foreach, or a gang: no items, so that its join runs next, with no inputs. */
  readonly items?: readonly [];
}

/**
 * Lets the run go on when the step fails for good (after its retries, if any): the task's artifacts
 * are then its inputs, and the failure in the named field. The step's one transition is taken; a
 * switch must name the case, a foreach that it has no items.
 *
 * @param field The field that receives the failure; it should be declared on the flow.
 * @param options `take` on a switch, `items` on a foreach; none elsewhere.
 * @example @catchError('problem')
 * @example @catchError('problem', { take: 'small' })
 */
export function catchError(field: string, options: CatchErrorOptions = {}): StepDecorator {
  requireOptions('catchError', [...arguments]);
  return policyDecorator(readCatchError(field, options));
}

export function readCatchError(field: string, given: CatchErrorOptions = {}): PolicyPart {
  const problems = new OptionProblems('catchError');
  problems.check(typeof field === 'string' && /^[\p{L}$][\p{L}\p{N}_$]*$/u.test(field), {
    message: `${JSON.stringify(field) ?? 'undefined'} is no name of an artifact`,
    hint: "name the field that receives the failure, as in @catchError('problem')",
  });
  const options = problems.requireObject(given);
  problems.checkNames(options, ['take', 'items']);
  const { take, items } = options;
  problems.check(take === undefined || ['string', 'number', 'boolean'].includes(typeof take), {
    message: `take is ${JSON.stringify(take) ?? String(take)}, which is no case`,
    hint: "name a case of the step's switch by its key, as in { take: 'small' }",
  });
  problems.check(items === undefined || (Array.isArray(items) && items.length === 0), {
    message: `items is ${JSON.stringify(items) ?? String(items)}`,
    hint: 'write { items: [] }: after a failure there are no items, and the join gets no inputs',
  });
  const policy: CatchPolicy = {
    field,
    ...(take === undefined ? {} : { take: String(take) }),
    ...(items === undefined ? {} : { items: [] }),
  };
  return {
    decorator: 'catchError',
    text: `catchError(${[field, ...describe(policy)].join(', ')})`,
    policy: { catch: policy },
    problems: problems.found,
  };
}

function describe({ take, items }: CatchPolicy): readonly string[] {
  return [
    ...(take === undefined ? [] : [`take=${take}`]),
    ...(items === undefined ? [] : ['items=[]']),
  ];
}
