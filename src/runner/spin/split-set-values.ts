import { didYouMean } from '../../base/suggest.ts';
import type { FlowDefinition, RawParameter } from '../../model/definition.ts';
import { FlowError } from '../../model/errors.ts';
import { jsonOf } from '../json-of.ts';

/** What is set for a spin, by what the names are in the flow. */
export interface SetValues {
  readonly fields: { readonly [field: string]: unknown };
  readonly parameters: { readonly [parameter: string]: RawParameter };
}

/** Throws FlowError `OPTION_INVALID`: a name that the flow does not have. */
export function splitSetValues(
  set: { readonly [name: string]: unknown },
  flow: FlowDefinition,
): SetValues {
  const fields: { [field: string]: unknown } = Object.create(null);
  const parameters: { [parameter: string]: RawParameter } = Object.create(null);
  const kept = flow.fields.filter(({ transient }) => !transient).map(({ name }) => name);
  const given = flow.parameters.map(({ name }) => name);
  for (const [name, value] of Object.entries(set)) {
    if (given.includes(name)) parameters[name] = { from: 'code', value: jsonOf(name, value) };
    else if (kept.includes(name)) fields[name] = value;
    else {
      const known = [...kept, ...given];
      throw new FlowError(`set: the flow has no field or parameter "${name}"`, {
        code: 'OPTION_INVALID',
        hint: didYouMean(name, known) ?? `it has ${known.join(', ') || 'none'}`,
      });
    }
  }
  return { fields, parameters };
}
