import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ParameterKind } from '../../model/definition.ts';
import { SHORTEST_SECRET } from '../../model/secret-rule.ts';
import { FILE_FORMS, readFileContent, readFileParameter } from './file.ts';
import { readListText, readListValue } from './list.ts';
import {
  type Fallback,
  type LaunchContext,
  PARAMETER,
  type Parameter,
  type Reading,
  read,
  refuse,
  show,
} from './parameter.ts';
import {
  BOOLEAN,
  choice,
  DATE_TIME,
  decimalNumber,
  JSON_VALUE,
  type Range,
  type Scalar,
  STRING,
  wholeNumber,
} from './scalar.ts';
import { fallbackOfSchema, readBySchema, readTextBySchema } from './schema.ts';

/** What every parameter takes. Without a default a parameter must be given, unless it is optional. */
export interface ParameterOptions<T> {
  /** The value if none is given; a function is called once per launch and may be async. */
  readonly default?: T | ((launch: LaunchContext) => T | Promise<T>);
  /** One line for `flow run FILE --help`. */
  readonly help?: string;
  /** True: without a value and a default the field is `undefined`. */
  readonly optional?: boolean;
}

/** Options that make `undefined` a possible value. */
export interface OptionalParameter {
  readonly optional: true;
  readonly default?: never;
}

export interface NumberParameterOptions extends ParameterOptions<number> {
  /** The smallest value allowed. */
  readonly min?: number;
  /** The largest value allowed. */
  readonly max?: number;
}

export interface ListParameterOptions<K extends ElementKind>
  extends ParameterOptions<readonly Element<K>[]> {
  /** What the elements are; default `'string'`. */
  readonly of?: K;
  /** What parts the elements of one text; default `','`. Flags may be repeated too. */
  readonly separator?: string;
}

/** A file's content is read once, at launch, and kept with the run: later the file may go. */
export interface FileParameterOptions extends ParameterOptions<string> {
  /**
   * `'text'` (default): the content as a string, UTF-8. `'bytes'`: as a `Uint8Array`. `'json'`,
   * `'yaml'`: what it says, frozen.
   */
  readonly as?: 'text' | 'bytes' | 'json' | 'yaml';
  /** Any Standard Schema: checks the content in that form; the field holds what it makes of it. */
  readonly schema?: StandardSchemaV1;
}

interface CheckedFile<S extends StandardSchemaV1> extends FileParameterOptions {
  readonly schema: S;
}

interface ParsedFile {
  readonly as: 'json' | 'yaml';
}

/** What an element of `param.list` may be. */
export type ElementKind = 'string' | 'int' | 'number' | 'boolean' | 'date';

type Element<K extends ElementKind> = {
  string: string;
  int: number;
  number: number;
  boolean: boolean;
  date: Date;
}[K];

function int(options: NumberParameterOptions & OptionalParameter): number | undefined;
function int(options?: NumberParameterOptions): number;
function int(options: NumberParameterOptions = {}): unknown {
  return fromScalar('int', { scalar: wholeNumber(options), options, range: options });
}

function number(options: NumberParameterOptions & OptionalParameter): number | undefined;
function number(options?: NumberParameterOptions): number;
function number(options: NumberParameterOptions = {}): unknown {
  return fromScalar('number', { scalar: decimalNumber(options), options, range: options });
}

function string(options: ParameterOptions<string> & OptionalParameter): string | undefined;
function string(options?: ParameterOptions<string>): string;
function string(options: ParameterOptions<string> = {}): unknown {
  return fromScalar('string', { scalar: STRING, options });
}

function boolean(options: ParameterOptions<boolean> & OptionalParameter): boolean | undefined;
function boolean(options?: ParameterOptions<boolean>): boolean;
function boolean(options: ParameterOptions<boolean> = {}): unknown {
  return fromScalar('boolean', { scalar: BOOLEAN, options });
}

function date(options: ParameterOptions<Date | string> & OptionalParameter): Date | undefined;
function date(options?: ParameterOptions<Date | string>): Date;
function date(options: ParameterOptions<Date | string> = {}): unknown {
  return fromScalar('date', { scalar: DATE_TIME, options });
}

function choiceOf<const C extends string>(
  choices: readonly C[],
  options: ParameterOptions<NoInfer<C>> & OptionalParameter,
): C | undefined;
function choiceOf<const C extends string>(
  choices: readonly C[],
  options?: ParameterOptions<NoInfer<C>>,
): C;
function choiceOf(choices: readonly string[], options: ParameterOptions<string> = {}): unknown {
  const problems = choices.length === 0 ? ['param.choice needs at least one choice'] : [];
  return fromScalar('choice', { scalar: choice(choices), options, facts: { choices }, problems });
}

function list<K extends ElementKind = 'string'>(
  options: ListParameterOptions<K> & OptionalParameter,
): readonly Element<K>[] | undefined;
function list<K extends ElementKind = 'string'>(
  options?: ListParameterOptions<K>,
): readonly Element<K>[];
function list(options: ListParameterOptions<ElementKind> = {}): unknown {
  const kind = options.of ?? 'string';
  const element: Scalar | undefined = ELEMENTS[kind];
  const shape = { element: element ?? STRING, separator: options.separator ?? ',' };
  return makeParameter('list', {
    options,
    facts: { element: kind },
    problems: element === undefined ? [`param.list cannot hold ${show(kind)}`] : [],
    repeats: true,
    readText: (text) => readListText(text, shape),
    readValue: (value) => readListValue(value, shape),
  });
}

function json<T>(options: ParameterOptions<T> & OptionalParameter): T | undefined;
function json<T>(options?: ParameterOptions<T>): T;
function json(options: ParameterOptions<unknown> = {}): unknown {
  return fromScalar('json', { scalar: JSON_VALUE, options });
}

function file<S extends StandardSchemaV1>(
  options: CheckedFile<S> & OptionalParameter,
): StandardSchemaV1.InferOutput<S> | undefined;
function file<S extends StandardSchemaV1>(options: CheckedFile<S>): StandardSchemaV1.InferOutput<S>;
function file(
  options: FileParameterOptions & OptionalParameter & { as: 'bytes' },
): Uint8Array | undefined;
function file(options: FileParameterOptions & OptionalParameter): string | undefined;
function file(options: FileParameterOptions & { as: 'bytes' }): Uint8Array;
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the caller knows what the file says
function file<T>(options: FileParameterOptions & ParsedFile & OptionalParameter): T | undefined;
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
function file<T>(options: FileParameterOptions & ParsedFile): T;
function file(options?: FileParameterOptions): string;
function file(options: FileParameterOptions = {}): unknown {
  const { as = 'text', schema } = options;
  const shape = { form: as, schema };
  return makeParameter('file', {
    options,
    problems: FILE_FORMS.includes(as) ? [] : [`param.file has no form ${show(as)}`],
    readText: (path, context) => readFileParameter(path, shape, context),
    readValue: (path, context) =>
      typeof path === 'string'
        ? readFileParameter(path, shape, context)
        : refuse(`${show(path)} is not a path`),
    readMade: (content) => readFileContent(content, shape),
  });
}

function secret(options: SecretParameterOptions & OptionalParameter): string | undefined;
function secret(options?: SecretParameterOptions): string;
function secret(options: SecretParameterOptions = {}): unknown {
  return makeParameter('secret', {
    options,
    readText: readSecret,
    // Never shows the value.
    readValue: (value) => (typeof value === 'string' ? readSecret(value) : refuse('is not a text')),
  });
}

function readSecret(text: string): Reading {
  if (text === '') return refuse('is empty');
  if (text.length >= SHORTEST_SECRET) return read(text);
  return refuse(
    `is shorter than ${SHORTEST_SECRET} characters`,
    'so short a text cannot be kept out of what tasks print without hiding innocent words',
  );
}

/** A secret has no default: it would be part of the source. */
export type SecretParameterOptions = Omit<ParameterOptions<string>, 'default'>;

function bySchema<S extends StandardSchemaV1>(
  schema: S,
  options: ParameterOptions<StandardSchemaV1.InferInput<S>> & OptionalParameter,
): StandardSchemaV1.InferOutput<S> | undefined;
function bySchema<S extends StandardSchemaV1>(
  schema: S,
  options?: ParameterOptions<StandardSchemaV1.InferInput<S>>,
): StandardSchemaV1.InferOutput<S>;
function bySchema(schema: StandardSchemaV1, options: ParameterOptions<unknown> = {}): unknown {
  const fallback = fallbackOf(options);
  const isOpen = fallback.kind === 'none' && options.optional !== true;
  return makeParameter('schema', {
    options,
    fallback: isOpen ? fallbackOfSchema(schema) : fallback,
    readText: (text) => readTextBySchema(schema, text),
    readValue: (value) => readBySchema(schema, value),
  });
}

/**
 * Declares a parameter of a flow, as the initial value of a field. In steps the field holds the
 * value, read-only. Given as `--batch-size 5` or `MILLRACE_PARAM_BATCH_SIZE=5` for a field
 * `batchSize`; a flag wins over the environment, and both over the default.
 *
 * Called directly it takes any Standard Schema (zod, valibot, arktype, …): the text is tried first,
 * then what it says as JSON.
 *
 * | | value | text |
 * |---|---|---|
 * | `param.int` | whole number | `5`, `-3` |
 * | `param.number` | finite number | `0.5`, `1e-3` |
 * | `param.string` | string | as it is |
 * | `param.boolean` | boolean | the bare flag, `--no-…`, or true/false, yes/no, on/off, 1/0 |
 * | `param.date` | `Date` | `2026-01-31`, `2026-01-31T12:00:00Z`; UTC where no zone is given |
 * | `param.choice` | one of the strings | as it is |
 * | `param.list` | array | `a,b,c`, or the flag repeated |
 * | `param.json` | what the JSON says, unchecked | `{"a": 1}` |
 * | `param.file` | the file's content (text, bytes, JSON, YAML), read once at launch | a path |
 * | `param.secret` | string | from the environment only, never from the command line |
 *
 * @example
 * ```ts
 * readonly city = param.choice(['seattle', 'new-york'], { default: 'seattle', help: 'where' });
 * readonly top = param.int({ default: 5, min: 1 });
 * readonly since = param.date({ optional: true });
 * readonly size = param(z.number().positive(), { default: 1 });
 * ```
 */
export const param = Object.assign(bySchema, {
  /** A whole number. */
  int,
  /** A number. */
  number,
  /** A text. */
  string,
  /** A switch: `--name` and `--no-name`. */
  boolean,
  /** A moment. */
  date,
  /** One of a few texts. */
  choice: choiceOf,
  /** Several values: the flag may be repeated. */
  list,
  /** Any JSON value. */
  json,
  /** The content of a file: as text, as bytes, or parsed from JSON or YAML. */
  file,
  /** A text that is never stored, and comes only from the environment. */
  secret,
});

const ELEMENTS: Readonly<Record<ElementKind, Scalar>> = {
  string: STRING,
  int: wholeNumber(),
  number: decimalNumber(),
  boolean: BOOLEAN,
  date: DATE_TIME,
};

interface ScalarShape {
  readonly scalar: Scalar;
  readonly options: ParameterOptions<unknown>;
  readonly range?: Range;
  readonly facts?: Parameter['facts'];
  readonly problems?: readonly string[];
}

function fromScalar(
  kind: ParameterKind,
  { scalar, options, range, ...shape }: ScalarShape,
): Parameter {
  return makeParameter(kind, {
    options,
    facts: shape.facts ?? rangeFacts(range ?? {}),
    problems: [...(shape.problems ?? []), ...rangeProblems(kind, range ?? {})],
    readText: scalar.readText,
    readValue: scalar.readValue,
  });
}

interface Shape {
  readonly options: ParameterOptions<unknown>;
  readonly readText: Parameter['readText'];
  readonly readValue: Parameter['readValue'];
  readonly facts?: Parameter['facts'];
  readonly fallback?: Fallback;
  readonly problems?: readonly string[];
  readonly repeats?: boolean;
  readonly readMade?: NonNullable<Parameter['readMade']>;
}

function makeParameter(kind: ParameterKind, { options, ...shape }: Shape): Parameter {
  return {
    [PARAMETER]: true,
    kind,
    ...(options.help === undefined ? {} : { help: options.help }),
    optional: options.optional === true,
    fallback: shape.fallback ?? fallbackOf(options),
    facts: shape.facts ?? {},
    problems: shape.problems ?? [],
    repeats: shape.repeats === true,
    readText: shape.readText,
    readValue: shape.readValue,
    ...(shape.readMade === undefined ? {} : { readMade: shape.readMade }),
  };
}

function fallbackOf(options: { readonly default?: unknown }): Fallback {
  const value = options.default;
  if (value === undefined) return { kind: 'none' };
  if (typeof value !== 'function') return { kind: 'value', value };
  return { kind: 'function', make: (launch) => Reflect.apply(value, undefined, [launch]) };
}

function rangeFacts({ min, max }: Range): Parameter['facts'] {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function rangeProblems(kind: ParameterKind, { min, max }: Range): string[] {
  if (min === undefined || max === undefined || min <= max) return [];
  return [`param.${kind} has a min of ${min} above its max of ${max}`];
}
