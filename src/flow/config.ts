import type { StandardSchemaV1 } from '@standard-schema/spec';
import { FlowError } from '../model/errors.ts';
import { freezeDeep } from './freeze-deep.ts';
import { read } from './parameters/parameter.ts';
import { readBySchemaNow } from './parameters/schema.ts';

/** What every config takes. */
export interface ConfigOptions<T> {
  /**
   * A JSON or YAML file (`.json`, else YAML) that is read where neither the command line nor the
   * environment gives a value. A text is relative to the folder of the flow file. It may be absent
   * only where there is a `default`.
   */
  readonly file?: string | URL;
  /** The value where nothing else gives one. */
  readonly default?: T;
  /** One line for `flow show`. */
  readonly help?: string;
}

/** A config whose value a Standard Schema (zod, valibot, arktype, …) checks and types. */
export interface SchemaConfigOptions<S extends StandardSchemaV1>
  extends ConfigOptions<StandardSchemaV1.InferInput<S>> {
  /** Its output is the value. It must not be asynchronous: module level cannot wait for it. */
  readonly schema: S;
}

/** A value that nothing changes, all the way down. */
export type Frozen<T> = T extends Unfreezable ? T : { readonly [K in keyof T]: Frozen<T[K]> };

type Unfreezable =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | URL
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ArrayBufferView;

/** Where values come from; the worker sets one before user code loads. */
export interface ConfigReader {
  read(name: string, options: AnyConfigOptions): unknown;
}

export type AnyConfigOptions = ConfigOptions<unknown> & { readonly schema?: StandardSchemaV1 };

/** On globalThis, because a flow may bring its own copy of this package. */
const READER = Symbol.for('millrace.configs');

const state: typeof globalThis & { [READER]?: ConfigReader | undefined } = globalThis;

/** For the worker: who answers `config()` from now on; undefined: the options alone do. */
export function setConfigReader(reader: ConfigReader | undefined): void {
  state[READER] = reader;
}

let readerOfTask = (): ConfigReader | undefined => undefined;

/** For a worker that shares its process: tasks ask the configs of their run, and nobody else does. */
export function holdConfigReader(perTask: () => ConfigReader | undefined): void {
  readerOfTask = perTask;
}

/**
 * A named value that is there before any code of the flow runs: read once per launch, stored with the
 * run, the same in every task and in a resume. Call it at module level; use it in decorators, parameter
 * defaults, switch conditions and steps. It is frozen, all the way down. Not for secrets: it is stored.
 *
 * `--config name file` or `--config-value name json` before `MILLRACE_CONFIG_<NAME>` (JSON) before
 * `file` before `default`. Without any of them, and no schema that takes `undefined`, the flow does not
 * start; all such problems are told at once.
 *
 * @throws FlowError if it is called after the flow's modules were loaded.
 * @example
 * ```ts
 * const train = config('train', { file: 'train.yaml', schema: z.object({ retries: z.int() }) });
 *
 * export class Train extends FlowSpec {
 *   readonly size = param.int({ default: train.size });
 *   @retry({ times: train.retries })
 *   @step start() { … }
 * }
 * ```
 */
export function config<S extends StandardSchemaV1>(
  name: string,
  options: SchemaConfigOptions<S>,
): Frozen<StandardSchemaV1.InferOutput<S>>;
export function config<T>(name: string, options?: ConfigOptions<T>): Frozen<T>;
export function config(name: string, options: AnyConfigOptions = {}): unknown {
  return (readerOfTask() ?? state[READER] ?? BY_DEFAULT).read(name, options);
}

/** In a program that only imports the module, e.g. a test of its functions. */
const BY_DEFAULT: ConfigReader = {
  read(name, { default: value, schema }) {
    const reading = schema === undefined ? read(value) : readBySchemaNow(schema, value);
    const isKnown = reading.ok && (schema !== undefined || value !== undefined);
    if (isKnown) return freezeDeep(structuredClone(reading.value));
    throw new FlowError(`config(${JSON.stringify(name)}) has no value outside a run`, {
      code: 'CONFIG_OUTSIDE_RUN',
      hint: 'run the flow with "flow run", or give the config a default',
    });
  },
};
