import type { ParameterOutcome, RawParameter } from '../../model/definition.ts';
import type { RunStarted } from '../../model/events.ts';
import type { OpenedFlow } from '../open-flow.ts';

/**
 * The parameters of the origin, validated by the flow as it is now; those that it lacked (secrets, and
 * what was added since with a default) are resolved anew. The values stay the origin's own bytes: the
 * content of a file is that of the first launch. A parameter that the flow no longer has is left behind.
 */
export function resolveOriginParameters(
  { definition, resolveParameters }: Pick<OpenedFlow, 'definition' | 'resolveParameters'>,
  { parameters, given = {} }: Pick<RunStarted, 'parameters' | 'given'>,
  secrets: { readonly [name: string]: RawParameter },
): Promise<ParameterOutcome> {
  const raw: { [name: string]: RawParameter } = Object.create(null);
  for (const { name, kind } of definition.parameters) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined || kind === 'secret') continue;
    const made = Object.hasOwn(given, name) ? given[name] : undefined;
    raw[name] = { from: 'origin', value, ...(made === undefined ? {} : { given: made }) };
  }
  return resolveParameters({ ...raw, ...secrets });
}
