import { didYouMean } from '../../base/suggest.ts';
import type { ParameterProblem, RawParameter } from '../../model/definition.ts';
import { flagName, variableName } from '../../model/parameter-names.ts';
import {
  type Fallback,
  type Parameter,
  type ReadContext,
  type Reading,
  read,
  refuse,
} from './parameter.ts';

export type Resolution =
  | { readonly values: { readonly [parameter: string]: unknown } }
  | { readonly problems: readonly ParameterProblem[] };

/**
 * The values of a launch: what was given, else the default, each checked; or all problems at once.
 * An optional parameter without a value is there, as `undefined`.
 */
export async function resolveParameters(
  parameters: ReadonlyMap<string, Parameter>,
  raw: { readonly [parameter: string]: RawParameter },
  context: ReadContext,
): Promise<Resolution> {
  const values: Record<string, unknown> = Object.create(null);
  const problems = findUnknown(parameters, raw);
  for (const [name, parameter] of parameters) {
    const given = Object.hasOwn(raw, name) ? raw[name] : undefined;
    const reading = await readGiven(name, { parameter, given, context });
    if (reading.ok) values[name] = reading.value;
    else problems.push({ parameter: name, ...withoutOk(reading) });
  }
  return problems.length === 0 ? { values } : { problems };
}

type OriginParameter = Extract<RawParameter, { readonly from: 'origin' }>;

interface Given {
  readonly parameter: Parameter;
  readonly given: RawParameter | undefined;
  readonly context: ReadContext;
}

async function readGiven(name: string, { parameter, given, context }: Given): Promise<Reading> {
  switch (given?.from) {
    case undefined:
      return readFallback(name, parameter, context);
    case 'origin':
      return labelled(
        `the origin's ${name}`,
        await readOrigin(name, { parameter, given, context }),
      );
    case 'code':
      return labelled(name, await parameter.readValue(given.value, context));
    case 'environment':
      return labelled(given.variable, await parameter.readText(given.text, context));
    case 'flag':
      return labelled(
        `--${flagName(name)}`,
        await readFlag(name, given.texts, { parameter, context }),
      );
  }
}

/** Validated as it would be now; the value itself stays the origin's. */
async function readOrigin(
  name: string,
  { parameter, given: origin, context }: Given & { readonly given: OriginParameter },
): Promise<Reading> {
  const { value, given } = origin;
  if (parameter.kind !== 'schema') {
    const kept = context.decode(value);
    return parameter.readMade?.(kept) ?? parameter.readValue(kept, context);
  }
  // What a schema made of a text it may not take itself.
  return given === undefined
    ? read(context.decode(value))
    : readGiven(name, { parameter, given, context });
}

async function readFlag(
  name: string,
  texts: readonly string[],
  { parameter, context }: { readonly parameter: Parameter; readonly context: ReadContext },
): Promise<Reading> {
  if (parameter.kind === 'secret') {
    return refuse(
      'a secret is never taken from the command line, where other users can read it',
      `set ${variableName(name)} instead`,
    );
  }
  const [text, ...more] = texts;
  if (text === undefined) {
    return parameter.kind === 'boolean' ? read(true) : refuse('needs a value');
  }
  if (!parameter.repeats) {
    return more.length === 0
      ? parameter.readText(text, context)
      : refuse('was given more than once');
  }
  return readRepeated(texts, (part) => parameter.readText(part, context));
}

/** Each text is a list of its own; together they are one. */
async function readRepeated(
  texts: readonly string[],
  readText: (text: string) => Reading | Promise<Reading>,
): Promise<Reading> {
  const values: unknown[] = [];
  const messages: string[] = [];
  for (const text of texts) {
    const reading = await readText(text);
    if (!reading.ok) messages.push(reading.message);
    else if (Array.isArray(reading.value)) values.push(...(reading.value as readonly unknown[]));
  }
  return messages.length === 0 ? read(values) : refuse(messages.join('; '));
}

async function readFallback(
  name: string,
  parameter: Parameter,
  context: ReadContext,
): Promise<Reading> {
  const { fallback } = parameter;
  switch (fallback.kind) {
    case 'none':
      return parameter.optional ? read(undefined) : missing(name, parameter);
    case 'value':
      return labelled(
        `the default of ${flagName(name)}`,
        await parameter.readValue(fallback.value, context),
      );
    case 'function':
      return readMade(name, parameter, { make: fallback.make, context });
  }
}

type MakeDefault = Extract<Fallback, { readonly kind: 'function' }>['make'];

async function readMade(
  name: string,
  parameter: Parameter,
  { make, context }: { readonly make: MakeDefault; readonly context: ReadContext },
): Promise<Reading> {
  const label = `the default of ${flagName(name)}`;
  try {
    const value = await make(context.launch);
    if (value === undefined && parameter.optional) return read(undefined);
    return labelled(label, await parameter.readValue(value, context));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse(`${label}: its function threw: ${reason}`);
  }
}

function missing(name: string, parameter: Parameter): Reading {
  const variable = variableName(name);
  if (parameter.kind === 'secret') {
    return refuse(`${variable} is not set`, `set it: the flow needs the secret "${name}"`);
  }
  const choices = parameter.facts.choices;
  const value = choices === undefined ? `<${parameter.kind}>` : `<${choices.join('|')}>`;
  return refuse(
    `--${flagName(name)} is missing`,
    `give --${flagName(name)} ${value}, or set ${variable}`,
  );
}

function labelled(label: string, reading: Reading): Reading {
  return reading.ok ? reading : { ...reading, message: `${label}: ${reading.message}` };
}

function findUnknown(
  parameters: ReadonlyMap<string, Parameter>,
  raw: { readonly [parameter: string]: RawParameter },
): ParameterProblem[] {
  return Object.keys(raw)
    .filter((name) => !parameters.has(name))
    .map((name) => {
      const hint = didYouMean(name, parameters.keys());
      const message = `the flow has no parameter "${name}"`;
      return { parameter: name, message, ...(hint === undefined ? {} : { hint }) };
    });
}

function withoutOk({ message, hint }: Exclude<Reading, { ok: true }>): {
  message: string;
  hint?: string;
} {
  return hint === undefined ? { message } : { message, hint };
}
