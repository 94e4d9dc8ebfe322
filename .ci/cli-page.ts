import type { CommandSpec } from '../src/cli/command.ts';
import { COMMANDS } from '../src/cli/command-table.ts';
import type { ArgumentSpec, OptionSpec } from '../src/cli/option-spec.ts';
import { RUN } from '../src/cli/program-help.ts';
import { RUN_OPTIONS } from '../src/cli/run-options.ts';
import { fillPage } from './fill-page.ts';

type Listed = Pick<CommandSpec, 'name' | 'summary' | 'arguments' | 'options'>;

/** docs/cli.md with its tables as the option tables have them now. */
export function fillCliPage(page: string): string {
  const commands: readonly Listed[] = [{ ...RUN, options: RUN_OPTIONS }, ...COMMANDS];
  return fillPage(
    page,
    new Map([
      ['commands', commandTable(commands)],
      ...commands.map(
        ({ name, options }) => [`options of flow ${name}`, optionTable(options)] as const,
      ),
    ]),
  );
}

function commandTable(commands: readonly Listed[]): string {
  const rows = commands.map(
    ({ name, summary, arguments: words }) =>
      `| [\`flow ${[name, ...words.map(usage)].join(' ')}\`](#flow-${name}) | ${cell(summary)} |`,
  );
  return ['| command | what it does |', '|---|---|', ...rows].join('\n');
}

function usage({ name, optional, variadic }: Partial<ArgumentSpec>): string {
  const words = variadic === true ? `${name}...` : name;
  return optional === true ? `[${words}]` : `<${words}>`;
}

function optionTable(options: readonly OptionSpec[]): string {
  const rows = options
    .filter(({ hidden }) => hidden !== true)
    .map(
      (option) =>
        `| ${flags(option)} | ${cell(description(option))} | ${cell(option.defaultText ?? '')} |`,
    );
  return ['| option | what it does | default |', '|---|---|---|', ...rows].join('\n');
}

function flags({ name, short, value }: OptionSpec): string {
  const long = `\`--${name}${value === undefined ? '' : ` <${value}>`}\``;
  return short === undefined ? long : `${long}, \`-${short}\``;
}

function description({ name, help, choices, negatable }: OptionSpec): string {
  const listed =
    choices === undefined ? '' : `: ${choices.map((choice) => `\`${choice}\``).join(', ')}`;
  return `${help}${listed}${negatable === true ? `; or \`--no-${name}\`` : ''}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
