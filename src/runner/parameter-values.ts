import type { FlowClass } from '../client/flow-types.ts';
import type { ParameterDefinition, RawParameter } from '../model/definition.ts';
import { type Environment, environmentParameters } from './environment-parameters.ts';
import { jsonOf } from './json-of.ts';

/**
 * The parameters of a flow: its `readonly` fields, each optional here, since defaults and the
 * environment fill in the rest. A field that is no plain value (a file, a schema's output) may be
 * given as the text that a command line would have. Of an unknown flow: anything.
 */
export type ParametersOf<F extends FlowClass> = FlowClass extends F
  ? { readonly [name: string]: unknown }
  : { readonly [K in ReadonlyFields<InstanceType<F>>]?: Given<InstanceType<F>[K]> };

type Given<T> = T extends string | number | boolean | bigint | Date ? T : T | string;

type ReadonlyFields<I> = {
  [K in keyof I]-?: I[K] extends (...args: never[]) => unknown
    ? never
    : IsSame<{ [Q in K]: I[K] }, { -readonly [Q in K]: I[K] }> extends true
      ? never
      : K;
}[keyof I];

/** Only the compiler's comparison of generic functions sees `readonly`. */
type IsSame<A, B> =
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as said
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/**
 * What was given by the program, else what the environment says. Throws FlowError
 * `PARAMETER_INVALID` for values that cannot be sent to another process.
 */
export function rawParameters(
  given: Readonly<Record<string, unknown>>,
  definitions: readonly ParameterDefinition[],
  environment: Environment,
): { readonly [name: string]: RawParameter } {
  const raw = environmentParameters(definitions, environment);
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) raw[name] = { from: 'code', value: jsonOf(name, value) };
  }
  return raw;
}
