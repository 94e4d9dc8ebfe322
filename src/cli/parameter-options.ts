import type { ParameterDefinition, ParameterKind } from '../model/definition.ts';
import { flagName, variableName } from '../model/parameter-names.ts';
import type { OptionSpec } from './option-spec.ts';

/**
 * A flow's parameters as options of its command line. Whether one may be given twice, or at all (a
 * secret), the flow itself decides, so that all such problems are told at once.
 */
export function parameterOption(parameter: ParameterDefinition, group: string): OptionSpec {
  return {
    name: flagName(parameter.name),
    help: helpOf(parameter),
    group,
    repeatable: true,
    ...(parameter.kind === 'boolean'
      ? { negatable: true }
      : { value: VALUE_NAMES[parameter.kind] }),
    ...(parameter.choices === undefined ? {} : { choices: parameter.choices }),
    ...(parameter.defaultText === undefined ? {} : { defaultText: parameter.defaultText }),
  };
}

function helpOf(parameter: ParameterDefinition): string {
  const notes = constraintsOf(parameter);
  return [parameter.help ?? '', notes.length === 0 ? '' : `[${notes.join('; ')}]`]
    .filter((part) => part !== '')
    .join(' ');
}

/** Kind, constraints, default and help on one line. */
export function parameterNotes(parameter: ParameterDefinition): string {
  const { choices, defaultText, help, kind } = parameter;
  const notes = [
    kind,
    ...constraintsOf(parameter),
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(defaultText === undefined ? [] : [`default: ${defaultText}`]),
  ];
  return help === undefined ? notes.join('; ') : `${notes.join('; ')}: ${help}`;
}

function constraintsOf(parameter: ParameterDefinition): readonly string[] {
  const { element, kind, max, min, name, required } = parameter;
  return [
    ...(required ? ['required'] : []),
    ...(kind === 'list' ? [`repeatable, each ${element ?? 'string'}`] : []),
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(kind === 'secret' ? [`only as ${variableName(name)}`] : []),
  ];
}

const VALUE_NAMES: { readonly [K in ParameterKind]: string } = {
  int: 'int',
  number: 'number',
  string: 'text',
  boolean: 'boolean',
  date: 'date',
  choice: 'choice',
  list: 'value',
  json: 'json',
  file: 'file',
  secret: 'secret',
  schema: 'value',
};
