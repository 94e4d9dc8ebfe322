import type { DefinitionProblem, ParameterDefinition } from '../../model/definition.ts';
import type { Parameter, ReadContext } from './parameter.ts';

export function describeParameter(name: string, parameter: Parameter): ParameterDefinition {
  const { kind, help, facts, fallback, optional } = parameter;
  const defaultText = fallback.kind === 'value' ? showDefault(fallback.value) : undefined;
  return {
    name,
    kind,
    ...(help === undefined ? {} : { help }),
    required: fallback.kind === 'none' && !optional,
    ...(defaultText === undefined ? {} : { defaultText }),
    ...facts,
  };
}

/** Mistakes in the declaration: bad options, or a default that the parameter itself refuses. */
export function findParameterProblems(name: string, parameter: Parameter): DefinitionProblem[] {
  const messages = [...parameter.problems];
  // Files and schemas may be asynchronous; their defaults are checked at launch.
  const isChecked = parameter.kind !== 'file' && parameter.kind !== 'schema';
  if (isChecked && messages.length === 0 && parameter.fallback.kind === 'value') {
    const reading = parameter.readValue(parameter.fallback.value, NO_FILES);
    if (!(reading instanceof Promise) && !reading.ok)
      messages.push(`its default ${reading.message}`);
  }
  return messages.map((message) => ({
    code: 'bad-parameter',
    message: `the parameter "${name}" is declared wrongly: ${message}`,
    member: name,
  }));
}

const NO_FILES: ReadContext = {
  readFile: () => Promise.resolve(new Uint8Array()),
  parseText: () => ({ ok: true, value: undefined }),
  decode: () => undefined,
  launch: { flowName: '', file: '', cwd: '', now: new Date(0), configs: {} },
};

/** As a person would type it. */
function showDefault(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return value.join(',');
  return JSON.stringify(value);
}
