import type { ParameterDefinition, RawParameter } from '../model/definition.ts';
import { flagName } from '../model/parameter-names.ts';
import { type Environment, environmentParameters } from '../runner/environment-parameters.ts';
import { GivenOptions } from './given-options.ts';
import type { OptionSpec } from './option-spec.ts';
import { beforeDashes } from './own-tokens.ts';
import { parameterOption } from './parameter-options.ts';
import { type LineSpec, parseLine } from './parse-line.ts';
import { RUN_OPTIONS } from './run-options.ts';

export interface RunLine {
  readonly options: GivenOptions;
  /** By parameter name: what the command line says, else the environment. */
  readonly parameters: { readonly [name: string]: RawParameter };
}

export interface RunLineRequest {
  readonly tokens: readonly string[];
  readonly parameters: readonly ParameterDefinition[];
  readonly environment: Environment;
}

/**
 * The second pass: run options and the flow's parameters together, as one table. A parameter beats a
 * run option of its name (which can only be newer than the flow); `--run.…` always means the option.
 */
export function parseRunLine(request: RunLineRequest): RunLine {
  const { tokens, parameters } = request;
  const own = beforeDashes(tokens);
  const spec = runLineSpec(parameters);
  const line = parseLine(spec, own);
  const onlyParameters = { ...spec, arguments: [], options: parameterOptions(parameters) };
  const rest = parseLine(onlyParameters, tokens.slice(own.length + 1));
  const given = new Map(line.given);
  for (const [name, texts] of rest.given) given.set(name, [...(given.get(name) ?? []), ...texts]);
  return { options: runOptions(given), parameters: rawParameters(request, given) };
}

/** What `flow run FILE --help` lists. */
export function runLineSpec(
  parameters: readonly ParameterDefinition[],
  group = 'Parameters:',
): LineSpec {
  const taken = new Set(parameters.map((parameter) => flagName(parameter.name)));
  return {
    name: 'flow run',
    summary: 'Runs a flow, each task in a process of its own.',
    arguments: [{ name: 'file', help: 'the flow file, or file:Flow where it holds several' }],
    options: [
      ...RUN_OPTIONS.filter((option) => !taken.has(option.name)).map(recordedAsRunOption),
      ...RUN_OPTIONS.map((option) => ({
        ...recordedAsRunOption(option),
        name: `${RUN_PREFIX}${option.name}`,
        hidden: true as const,
      })),
      ...parameterOptions(parameters, group),
    ],
  };
}

const RUN_PREFIX = 'run.';

function recordedAsRunOption(option: OptionSpec): OptionSpec {
  return { ...option, target: `${RUN_PREFIX}${option.name}` };
}

function parameterOptions(parameters: readonly ParameterDefinition[], group = ''): OptionSpec[] {
  return parameters.map((parameter) => parameterOption(parameter, group));
}

type Given = ReadonlyMap<string, readonly string[]>;

function runOptions(given: Given): GivenOptions {
  return new GivenOptions(
    new Map(
      RUN_OPTIONS.flatMap(({ name }) => {
        const texts = given.get(`${RUN_PREFIX}${name}`);
        return texts === undefined ? [] : [[name, texts]];
      }),
    ),
  );
}

function rawParameters(
  { parameters, environment }: RunLineRequest,
  given: Given,
): { readonly [name: string]: RawParameter } {
  const raw = environmentParameters(parameters, environment);
  for (const { name } of parameters) {
    const texts = given.get(flagName(name));
    if (texts !== undefined) raw[name] = { from: 'flag', texts };
  }
  return raw;
}
