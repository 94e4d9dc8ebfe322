import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean } from '../../base/suggest.ts';
import type { AnyConfigOptions, ConfigReader } from '../../flow/config.ts';
import { freezeDeep } from '../../flow/freeze-deep.ts';
import { show, type TextProblem } from '../../flow/parameters/parameter.ts';
import { readBySchemaNow } from '../../flow/parameters/schema.ts';
import {
  type ConfigProblem,
  type ConfigSource,
  describeSource,
  type RawConfig,
  type RawConfigs,
} from '../../model/config.ts';
import { configVariableName } from '../../model/parameter-names.ts';
import { parseValueText } from '../value-text.ts';

export interface LaunchRequest {
  readonly raw: RawConfigs;
  /** The flow file. */
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The value of an origin run. */
  readonly decode: (ref: Extract<RawConfig, { from: 'origin' }>['input']) => unknown;
  /** The value as every later process will have it. Throws what cannot be kept. */
  readonly copy: (value: unknown, root: string) => unknown;
}

/** Apart from the class, because the worker loads this file when it first calls this. */
export function openLaunchConfigs(request: LaunchRequest): LaunchConfigs {
  return new LaunchConfigs(request);
}

/** A config of the flow with its value. */
export interface LaunchedConfig {
  readonly name: string;
  readonly help?: string;
  readonly source: ConfigSource;
  /** Before the schema. */
  readonly input: unknown;
  readonly value: unknown;
}

type Found =
  | { readonly ok: true; readonly input: unknown; readonly source: ConfigSource }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

type Problem = Omit<ConfigProblem, 'config'>;

/**
 * The configs of a launch, in its first child. What the command line names is read before user code
 * loads; a config's own file and default are known when it is declared. A config that cannot be had is
 * an empty object meanwhile, so that the module may go on and the other mistakes are found too.
 */
export class LaunchConfigs implements ConfigReader {
  readonly #request: LaunchRequest;
  readonly #given = new Map<string, Found>();
  readonly #declared = new Map<string, LaunchedConfig | undefined>();
  readonly #problems: ConfigProblem[] = [];

  constructor(request: LaunchRequest) {
    this.#request = { ...request, environment: { ...request.environment } };
    for (const [name, raws] of Object.entries(request.raw)) {
      const [only, ...others] = raws;
      if (only === undefined) continue;
      const found = others.length === 0 ? this.#readRaw(name, only) : givenTwice(name);
      this.#given.set(name, found);
    }
  }

  read(name: string, given: AnyConfigOptions): unknown {
    const problems = declarationProblems(name, given);
    // Plain JavaScript passes anything.
    const options = isOptions(given) ? given : {};
    if (this.#declared.has(name)) problems.push(declaredTwice(name));
    if (problems.length > 0) return this.#refuse(name, problems);
    this.#declared.set(name, undefined);
    const found = this.#given.get(name) ?? this.#readDeclared(name, options);
    if (!found.ok) return this.#refuse(name, found.problems);
    const checked = this.#check(name, found, options);
    if ('problem' in checked) return this.#refuse(name, [checked.problem]);
    const { source, input } = found;
    const help = options.help === undefined ? {} : { help: options.help };
    this.#declared.set(name, { name, ...help, source, input, value: checked.value });
    return checked.value;
  }

  /** Everything that is wrong, once the modules were loaded as far as they go. */
  problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  /** What was given and nobody declared: known only when all modules are loaded. */
  unknownProblems(): readonly ConfigProblem[] {
    return [...this.#given.keys()]
      .filter((name) => !this.#declared.has(name))
      .filter((name) => !this.#isOfOrigin(name))
      .map((name) => ({
        config: name,
        message: `the flow has no config "${name}"`,
        hint: didYouMean(name, this.#declared.keys()) ?? this.#knownHint(),
      }));
  }

  launched(): readonly LaunchedConfig[] {
    return [...this.#declared.values()].filter((config) => config !== undefined);
  }

  /** A config that the flow no longer has is not missed. */
  #isOfOrigin(name: string): boolean {
    return this.#request.raw[name]?.[0]?.from === 'origin';
  }

  #knownHint(): string {
    const names = [...this.#declared.keys()];
    if (names.length === 0) return 'declare it at module level: const train = config("train")';
    return `its configs are ${names.join(', ')}`;
  }

  #refuse(config: string, problems: readonly Problem[]): unknown {
    this.#declared.set(config, undefined);
    this.#problems.push(...problems.map((problem) => ({ ...problem, config })));
    return Object.freeze({});
  }

  #readRaw(name: string, raw: RawConfig): Found {
    switch (raw.from) {
      case 'file':
        return this.#readFile(name, raw.path);
      case 'text':
        return readText(name, raw.text, { kind: 'command-line' });
      case 'origin':
        return { ok: true, input: this.#request.decode(raw.input), source: raw.source };
    }
  }

  #readDeclared(name: string, options: AnyConfigOptions): Found {
    const variable = configVariableName(name);
    const text = this.#request.environment[variable];
    if (text !== undefined) return readText(name, text, { kind: 'environment', variable });
    const hasDefault = options.default !== undefined;
    const path = options.file === undefined ? undefined : this.#pathOf(options.file);
    if (path !== undefined && !(hasDefault && isMissing(path))) return this.#readFile(name, path);
    const source = { kind: 'default' } as const;
    if (hasDefault) return { ok: true, input: options.default, source };
    const { schema } = options;
    const isOpen = schema !== undefined && readBySchemaNow(schema, undefined).ok;
    return isOpen ? { ok: true, input: undefined, source } : missing(name, variable);
  }

  #pathOf(file: string | URL): string {
    if (typeof file !== 'string' || file.startsWith('file:')) return fileURLToPath(file);
    return resolve(dirname(this.#request.file), file);
  }

  #readFile(name: string, path: string): Found {
    try {
      const bytes = readFileSync(path);
      if (!isUtf8(bytes)) return refused(name, [notText(name, path)]);
      const reading = parseValueText(
        bytes.toString(),
        path.toLowerCase().endsWith('.json') ? 'json' : 'yaml',
      );
      if (reading.ok) return { ok: true, input: reading.value, source: { kind: 'file', path } };
      return refused(
        name,
        reading.problems.map((problem) => inFile(problem, name, path)),
      );
    } catch (error) {
      return refused(name, [unreadable(name, path, error)]);
    }
  }

  #check(
    name: string,
    found: Extract<Found, { ok: true }>,
    { schema }: AnyConfigOptions,
  ): { readonly value: unknown } | { readonly problem: Problem } {
    const reading =
      schema === undefined
        ? ({ ok: true, value: found.input } as const)
        : readBySchemaNow(schema, found.input);
    if (!reading.ok) {
      const message = `the config "${name}" (${describeSource(found.source)}) is refused: ${reading.message}`;
      return {
        problem: reading.hint === undefined ? { message } : { message, hint: reading.hint },
      };
    }
    try {
      return { value: freezeDeep(this.#request.copy(reading.value, `the config "${name}"`)) };
    } catch (error) {
      return { problem: { message: error instanceof Error ? error.message : String(error) } };
    }
  }
}

function isOptions(options: unknown): options is AnyConfigOptions {
  return typeof options === 'object' && options !== null && !Array.isArray(options);
}

const NAME = /^[A-Za-z][\w-]*$/;
const OPTION_NAMES: ReadonlySet<string> = new Set(['file', 'default', 'help', 'schema']);

function declarationProblems(name: unknown, options: AnyConfigOptions): Problem[] {
  const problems: Problem[] = [];
  if (typeof name !== 'string' || !NAME.test(name)) {
    problems.push({
      message: `config(${show(name)}): that is no name for a config`,
      hint: 'a name has letters, digits, _ and -, and begins with a letter',
    });
  }
  if (!isOptions(options)) {
    problems.push({
      message: `config(${show(name)}): ${show(options)} is not an object of options`,
    });
    return problems;
  }
  for (const option of Object.keys(options)) {
    if (OPTION_NAMES.has(option)) continue;
    const hint = didYouMean(option, OPTION_NAMES);
    const message = `config(${show(name)}) has no option "${option}"`;
    problems.push(hint === undefined ? { message } : { message, hint });
  }
  return problems;
}

function readText(config: string, text: string, source: ConfigSource): Found {
  const reading = parseValueText(text, 'json');
  if (reading.ok) return { ok: true, input: reading.value, source };
  const where = source.kind === 'environment' ? source.variable : `--config-value ${config}`;
  return refused(
    config,
    reading.problems.map(({ message, line, column }) => ({
      message: `${where} is not JSON: ${message} (line ${line}, column ${column})`,
      hint: 'strings need double quotes, inside the quotes of the shell',
    })),
  );
}

function refused(config: string, problems: readonly Problem[]): Found {
  return { ok: false, problems: problems.map((problem) => ({ ...problem, config })) };
}

function inFile({ message, line, column }: TextProblem, name: string, file: string): Problem {
  return {
    message: `the file of the config "${name}" cannot be parsed: ${message}`,
    span: { file, line, column, length: 1 },
  };
}

function notText(name: string, path: string): Problem {
  return {
    message: `the file ${path} of the config "${name}" is no text in UTF-8`,
    hint: 'a config is JSON or YAML',
  };
}

function unreadable(name: string, path: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const reason = code === 'ENOENT' ? 'there is no such file' : code;
  return {
    message: `the file ${path} of the config "${name}" cannot be read: ${reason}`,
    hint: `name another one with --config ${name} FILE`,
  };
}

function isMissing(path: string): boolean {
  try {
    readFileSync(path);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}

function missing(name: string, variable: string): Found {
  return refused(name, [
    {
      message: `the config "${name}" has no value`,
      hint: `give --config ${name} FILE or --config-value ${name} JSON, or set ${variable}`,
    },
  ]);
}

function givenTwice(config: string): Found {
  return refused(config, [
    {
      message: `the config "${config}" is given more than once on the command line`,
      hint: 'give one --config or one --config-value for it',
    },
  ]);
}

function declaredTwice(name: string): Problem {
  return {
    message: `the config "${name}" is declared twice`,
    hint: 'declare it in one module and import it from there',
  };
}
