import { Command, CommanderError, Option } from 'commander';
import { didYouMean } from '../base/suggest.ts';
import { FlowError } from '../model/errors.ts';
import { type ArgumentSpec, HELP_OPTION, type OptionSpec } from './option-spec.ts';

export interface LineSpec {
  /** As the usage shows it: `flow run`. */
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** What to say about an option that is like none of these. */
  readonly unknownOptionHint?: string;
}

export interface ParsedLine {
  readonly words: readonly string[];
  /** By option name, in order; switches as `true` or `false`. */
  readonly given: ReadonlyMap<string, readonly string[]>;
}

/** Throws FlowError: an unknown option, a missing value or word, or something given twice. */
export function parseLine(spec: LineSpec, tokens: readonly string[]): ParsedLine {
  const given = new Map<string, string[]>();
  const command = createCommand(spec);
  const record = (option: OptionSpec, text: string): void => {
    const name = option.target ?? option.name;
    given.set(name, [...(given.get(name) ?? []), text]);
  };
  for (const option of spec.options) {
    command.on(`option:${option.name}`, (value: string | null | undefined) => {
      const text = value ?? undefined;
      if (text !== undefined && !tokens.includes(`--${option.name}=${text}`)) {
        refuseOptionAsValue(command, option.name, text);
      }
      record(option, text ?? 'true');
    });
    if (option.negatable === true) {
      command.on(`option:no-${option.name}`, () => record(option, 'false'));
    }
  }
  try {
    command.parse([...tokens], { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? usageError(error, spec) : error;
  }
  refuseRepeated(spec, given);
  return { words: command.args, given };
}

export function formatHelp(spec: LineSpec, width: number): string {
  const listed = { ...spec, options: [...spec.options, HELP_OPTION] };
  return createCommand(listed)
    .configureOutput({ getOutHelpWidth: () => width, getOutHasColors: () => false })
    .helpInformation();
}

function createCommand(spec: LineSpec): Command {
  const command = new Command(spec.name)
    .description(spec.summary)
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .allowExcessArguments(false)
    .action(() => {});
  for (const argument of spec.arguments) {
    const words = argument.variadic === true ? `${argument.name}...` : argument.name;
    const name = argument.optional === true ? `[${words}]` : `<${words}>`;
    command.argument(name, argument.help);
  }
  for (const option of spec.options) {
    for (const made of createOptions(option)) command.addOption(made);
  }
  return command;
}

function createOptions(spec: OptionSpec): readonly Option[] {
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  const value = spec.value === undefined ? '' : ` <${spec.value}>`;
  const shown = new Option(`${short}--${spec.name}${value}`, describeOption(spec));
  if (spec.group !== undefined) shown.helpGroup(spec.group);
  if (spec.hidden === true) shown.hideHelp();
  return spec.negatable === true ? [shown, new Option(`--no-${spec.name}`).hideHelp()] : [shown];
}

function describeOption(spec: OptionSpec): string {
  const notes = [
    ...(spec.choices === undefined ? [] : [`one of ${spec.choices.join(', ')}`]),
    ...(spec.negatable === true ? [`or --no-${spec.name}`] : []),
    ...(spec.defaultText === undefined ? [] : [`default: ${spec.defaultText}`]),
  ];
  return notes.length === 0 ? spec.help : `${spec.help} (${notes.join('; ')})`.trimStart();
}

function refuseOptionAsValue(command: Command, name: string, text: string): void {
  const flag = text.split('=', 1)[0];
  if (!command.options.some(({ long, short }) => flag === long || flag === short)) return;
  throw new FlowError(`--${name} needs a value, but "${text}" follows it`, {
    code: 'OPTION_VALUE_MISSING',
    hint: `to give it this text as its value: --${name}=${text}`,
  });
}

function refuseRepeated(spec: LineSpec, given: ParsedLine['given']): void {
  const single = new Map(
    spec.options
      .filter((option) => option.repeatable !== true && option.hidden !== true)
      .map((option) => [option.target ?? option.name, `--${option.name}`]),
  );
  const repeated = [...given]
    .filter(([, texts]) => texts.length > 1)
    .flatMap(([key]) => single.get(key) ?? []);
  if (repeated.length === 0) return;
  throw new FlowError(`${repeated.join(' and ')} may be given only once`, {
    code: 'OPTION_REPEATED',
    hint: 'remove all but one',
  });
}

function writtenAs({ name, optional }: ArgumentSpec): string {
  return optional === true ? `[${name.toUpperCase()}]` : name.toUpperCase();
}

/** Our words for what the parser found; its own message has the name between quotes. */
function usageError(error: CommanderError, spec: LineSpec): FlowError {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const seeHelp = `see ${spec.name} --help`;
  switch (error.code) {
    case 'commander.unknownOption':
      return new FlowError(`unknown option ${quoted.split('=', 1)[0]}`, {
        code: 'OPTION_UNKNOWN',
        hint: suggestOption(quoted, spec) ?? spec.unknownOptionHint ?? seeHelp,
      });
    case 'commander.optionMissingArgument':
      return new FlowError(`${flagOf(quoted)} needs a value`, {
        code: 'OPTION_VALUE_MISSING',
        hint: seeHelp,
      });
    case 'commander.missingArgument':
      return new FlowError(`${spec.name} needs a ${quoted}`, {
        code: 'ARGUMENT_MISSING',
        hint: `write ${[spec.name, ...spec.arguments.map(writtenAs)].join(' ')}`,
      });
    case 'commander.excessArguments':
      return new FlowError(`${spec.name} takes ${countWords(spec.arguments.length)} only`, {
        code: 'ARGUMENT_EXCESS',
        hint: seeHelp,
      });
    default:
      return new FlowError(error.message.replace(/^error: /, ''), {
        code: 'USAGE',
        hint: seeHelp,
      });
  }
}

function suggestOption(typed: string, spec: LineSpec): string | undefined {
  const name = typed.replace(/^-+/, '').split('=', 1)[0] ?? '';
  const switched = spec.options.find(
    (option) =>
      option.value === undefined &&
      (option.name === name || (option.negatable === true && `no-${option.name}` === name)),
  );
  if (switched !== undefined) {
    const no = switched.negatable === true ? ` or --no-${switched.name}` : '';
    return `--${name} takes no value: write --${switched.name}${no}`;
  }
  const known = spec.options.flatMap((option) => [
    `--${option.name}`,
    ...(option.negatable === true ? [`--no-${option.name}`] : []),
  ]);
  return didYouMean(`--${name}`, known);
}

function flagOf(flags: string): string {
  return /--[^\s,]+/.exec(flags)?.[0] ?? flags;
}

function countWords(count: number): string {
  if (count === 0) return 'options';
  return count === 1 ? 'one argument' : `${count} arguments`;
}
