import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

/**
 * Environment variables for the step's process, over those it inherits. Not for secrets: they would
 * be part of the source and of the run's graph.
 *
 * @example @environment({ TZ: 'UTC' })
 */
export function environment(variables: Readonly<Record<string, string>>): StepDecorator {
  requireOptions('environment', [...arguments]);
  return policyDecorator(readEnvironment(variables));
}

export function readEnvironment(given: Readonly<Record<string, string>>): PolicyPart {
  const problems = new OptionProblems('environment');
  const variables: Readonly<Record<string, string | undefined>> = problems.requireObject(given);
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value === 'string') texts[name] = value;
    problems.check(name !== '' && !/[=\0]/.test(name), {
      message: `${JSON.stringify(name)} is no name of a variable`,
    });
    problems.check(typeof value === 'string' && !value.includes('\0'), {
      message: `the value of ${name} is not text`,
      hint: 'variables are strings; write String(value)',
    });
  }
  return {
    decorator: 'environment',
    text: `environment(${Object.keys(variables).join(', ')})`,
    policy: { environment: texts },
    problems: problems.found,
  };
}
