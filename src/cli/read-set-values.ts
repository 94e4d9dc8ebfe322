import type { Json } from '../base/json.ts';
import { didYouMean } from '../base/suggest.ts';
import type { FlowDefinition, RawParameter } from '../model/definition.ts';
import { FlowError } from '../model/errors.ts';

/** What `--set name=json` sets, by what the names are in the flow. */
export interface SetValues {
  readonly fields: { readonly [field: string]: Json };
  readonly parameters: { readonly [parameter: string]: RawParameter };
}

/** Throws FlowError: no `name=json`, a name that the flow does not have, or one that is set twice. */
export function readSetValues(texts: readonly string[], flow: FlowDefinition): SetValues {
  const fields: { [field: string]: Json } = Object.create(null);
  const parameters: { [parameter: string]: RawParameter } = Object.create(null);
  const kept = flow.fields.filter(({ transient }) => !transient).map(({ name }) => name);
  const given = flow.parameters.map(({ name }) => name);
  for (const text of texts) {
    const { name, value } = readOne(text);
    if (name in fields || name in parameters) throw refuse(`--set has "${name}" twice`, 'keep one');
    if (given.includes(name)) parameters[name] = { from: 'code', value };
    else if (kept.includes(name)) fields[name] = value;
    else {
      const known = [...kept, ...given];
      const hint = didYouMean(name, known) ?? `it has ${known.join(', ') || 'none'}`;
      throw refuse(`--set: the flow has no field or parameter "${name}"`, hint);
    }
  }
  return { fields, parameters };
}

function readOne(text: string): { readonly name: string; readonly value: Json } {
  const equals = text.indexOf('=');
  if (equals < 1) throw refuse(`--set ${text} sets nothing`, 'write --set name=json');
  const [name, json] = [text.slice(0, equals), text.slice(equals + 1)];
  try {
    const value: Json = JSON.parse(json);
    return { name, value };
  } catch {
    const hint = `texts need their quotes: --set '${name}=${JSON.stringify(json)}'`;
    throw refuse(`--set ${name}: ${json} is no JSON`, hint);
  }
}

function refuse(message: string, hint: string): FlowError {
  return new FlowError(message, { code: 'OPTION_INVALID', hint });
}
