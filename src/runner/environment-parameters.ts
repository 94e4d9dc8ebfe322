import type { ParameterDefinition, RawParameter } from '../model/definition.ts';
import { variableName } from '../model/parameter-names.ts';

export type Environment = { readonly [name: string]: string | undefined };

/** The parameters that the environment gives. */
export function environmentParameters(
  definitions: readonly ParameterDefinition[],
  environment: Environment,
): { [name: string]: RawParameter } {
  const raw: { [name: string]: RawParameter } = Object.create(null);
  for (const { name } of definitions) {
    const variable = variableName(name);
    const text = environment[variable];
    if (text !== undefined) raw[name] = { from: 'environment', text, variable };
  }
  return raw;
}

/** Secrets are kept nowhere, so whoever goes on from a run asks the environment for them again. */
export function secretsFrom(
  definitions: readonly ParameterDefinition[],
  environment: Environment,
): { readonly [name: string]: RawParameter } {
  const secrets = definitions.filter(({ kind }) => kind === 'secret');
  return environmentParameters(secrets, environment);
}
