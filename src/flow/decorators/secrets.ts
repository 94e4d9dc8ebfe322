import { describeSecretSource, type SecretSource, type SecretSources } from '../secret-source.ts';
import {
  type PolicyPart,
  policyDecorator,
  requireOptions,
  type StepDecorator,
} from '../step-mark.ts';
import { OptionProblems } from './option-problems.ts';

/**
 * Sources of secrets. Of what a file holds or a command prints, one line end at the end is left out.
 *
 * @example
 * ```ts
 * secretFrom.environment('PROD_KEY');
 * secretFrom.file('/run/secrets/token');
 * secretFrom.command('pass', 'show', 'db');
 * ```
 */
export const secretFrom = {
  /** A variable of the environment in which the run was started. */
  environment: (variable: string): SecretSource => ({ kind: 'environment', variable }),
  /** A file; a relative path from the working directory. */
  file: (path: string): SecretSource => ({ kind: 'file', path }),
  /** What a program prints on stdout; without a shell. */
  command: (program: string, ...args: readonly string[]): SecretSource => ({
    kind: 'command',
    program,
    args,
  }),
};

/**
 * Secrets for one step, as environment variables of its process. They are read anew for each attempt,
 * reach no other step, are taken out of the output and the failures of the task, and are refused as
 * artifacts. In other disguises (base64, cut in two) they are not recognised.
 *
 * @example @secrets({ DB_PASSWORD: secretFrom.command('pass', 'show', 'db') })
 */
export function secrets(sources: SecretSources): StepDecorator {
  requireOptions('secrets', [...arguments]);
  return policyDecorator(readSecrets(sources));
}

export function readSecrets(given: SecretSources): PolicyPart {
  const problems = new OptionProblems('secrets');
  const sources: Readonly<Record<string, unknown>> = problems.requireObject(given);
  const kept: Record<string, SecretSource> = {};
  for (const [variable, source] of Object.entries(sources)) {
    problems.check(variable !== '' && !/[=\0]/.test(variable), {
      message: `${JSON.stringify(variable)} is no name of a variable`,
    });
    if (isSource(source)) kept[variable] = source;
    problems.check(isSource(source), {
      message: `${variable} has no source`,
      hint: 'say where it comes from: secretFrom.environment(…), .file(…), .command(…), or { name, read() }',
    });
  }
  return {
    decorator: 'secrets',
    text: `secrets(${Object.keys(sources).join(', ')})`,
    policy: {
      secrets: Object.entries(kept).map(([variable, source]) => ({
        variable,
        from: describeSecretSource(source),
      })),
    },
    problems: problems.found,
    secrets: kept,
  };
}

function isSource(source: unknown): source is SecretSource {
  if (typeof source !== 'object' || source === null) return false;
  if ('kind' in source) return isBuiltIn(source);
  return (
    'name' in source &&
    typeof source.name === 'string' &&
    'read' in source &&
    typeof source.read === 'function'
  );
}

function isBuiltIn(source: object): boolean {
  const isText = (name: string): boolean => {
    const value: unknown = Reflect.get(source, name);
    return typeof value === 'string' && value !== '';
  };
  const args: unknown = Reflect.get(source, 'args');
  switch (Reflect.get(source, 'kind')) {
    case 'environment':
      return isText('variable');
    case 'file':
      return isText('path');
    case 'command':
      return (
        isText('program') && Array.isArray(args) && args.every((arg) => typeof arg === 'string')
      );
    default:
      return false;
  }
}
