import type { ParameterDefinition, ParameterKind } from '../model/definition.ts';
import type { OptionSpec } from './option-spec.ts';

/** `batchSize` → `batch-size`, `useGPU` → `use-gpu`. */
export function parameterFlag(name: string): string {
  return splitWords(name).join('-').toLowerCase();
}

/** `batchSize` → `MILLRACE_PARAM_BATCH_SIZE`. */
export function parameterVariable(name: string): string {
  return `MILLRACE_PARAM_${splitWords(name).join('_').toUpperCase()}`;
}

function splitWords(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[ _]+/)
    .filter((word) => word !== '');
}

/** A flow's parameters as options of its command line. Secrets are listed, but refused when given. */
export function parameterOption(parameter: ParameterDefinition, group: string): OptionSpec {
  return {
    name: parameterFlag(parameter.name),
    help: helpOf(parameter),
    group,
    ...(parameter.kind === 'boolean'
      ? { negatable: true }
      : { value: VALUE_NAMES[parameter.kind] }),
    ...(parameter.kind === 'list' ? { repeatable: true } : {}),
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
    ...(kind === 'secret' ? [`only as ${parameterVariable(name)}`] : []),
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
