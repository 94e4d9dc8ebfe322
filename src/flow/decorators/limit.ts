import type { ConcurrencyLimit } from '../../model/definition.ts';
import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

/** As `@limit`: a count for the step alone, or counts by the names of shared limits. */
export type LimitOptions = number | Readonly<Record<string, number>>;

/**
 * At most so many tasks at the same time: of this step, or of all steps that name the same limit.
 * Those that wait hold no slot.
 *
 * @example @limit(5)
 * @example @limit('api', 5)
 * @example @limit({ api: 5, database: 2 })
 */
export function limit(count: number): StepDecorator;
export function limit(name: string, count: number): StepDecorator;
export function limit(counts: Readonly<Record<string, number>>): StepDecorator;
export function limit(first: LimitOptions | string, count?: number): StepDecorator {
  requireOptions('limit', [...arguments]);
  return policyDecorator(
    typeof first === 'string' ? readLimit({ [first]: count ?? 0 }) : readLimit(first),
  );
}

export function readLimit(given: LimitOptions): PolicyPart {
  const problems = new OptionProblems('limit');
  const limits: readonly ConcurrencyLimit[] =
    typeof given === 'number'
      ? [{ count: given }]
      : Object.entries(problems.requireObject(given)).map(([name, count]) => ({
          name,
          count: count ?? 0,
        }));
  for (const { name, count } of limits) {
    problems.check(name !== '', { message: 'a limit has an empty name' });
    problems.check(Number.isSafeInteger(count) && count > 0, {
      message: `${name === undefined ? 'the count' : `"${name}"`} is ${JSON.stringify(count) ?? String(count)}`,
      hint: "write how many tasks may run at the same time: @limit(5), or @limit('api', 5)",
    });
  }
  problems.check(limits.length > 0 || problems.found.length > 0, {
    message: 'no limit is given',
    hint: "write @limit(5), or @limit('api', 5)",
  });
  const text = limits.map(({ name, count }) =>
    name === undefined ? String(count) : `${name}=${String(count)}`,
  );
  return {
    decorator: 'limit',
    text: `limit(${text.join(', ')})`,
    policy: { limits },
    problems: problems.found,
  };
}
